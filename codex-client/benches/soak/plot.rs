//! The samples as a drawing: a panel for each figure, time from left to right.

use std::fmt::Write as _;

use crate::sample::Sample;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 110.0;
const LEFT: f64 = 70.0;
const GAP: f64 = 34.0;

/// One figure.
struct Panel {
    title: &'static str,
    of: fn(&Sample) -> usize,
}

const PANELS: [Panel; 5] = [
    Panel {
        title: "resident memory, MiB",
        of: |it| it.memory / 1024,
    },
    Panel {
        title: "file descriptors",
        of: |it| it.descriptors,
    },
    Panel {
        title: "threads",
        of: |it| it.threads,
    },
    Panel {
        title: "children",
        of: |it| it.children,
    },
    Panel {
        title: "zombies",
        of: |it| it.zombies.len(),
    },
];

/// An SVG with all panels.
pub(crate) fn svg(samples: &[Sample], caption: &str) -> String {
    let number = |value: usize| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    let height = number(PANELS.len()) * (HEIGHT + GAP) + 60.0;
    let width = LEFT + WIDTH + 20.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"20\">{caption}</text>\n"
    );
    let end = samples
        .last()
        .map_or(1.0, |it| it.at.as_secs_f64().max(1.0));
    for (index, panel) in PANELS.iter().enumerate() {
        let top = 40.0 + number(index) * (HEIGHT + GAP);
        let most = samples.iter().map(panel.of).max().unwrap_or(0).max(1);
        draw(&mut svg, panel, samples, top, end, number(most));
    }
    let bottom = height - 12.0;
    let minutes = end / 60.0;
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{bottom}\">0</text>\
         <text x=\"{}\" y=\"{bottom}\" text-anchor=\"end\">{minutes:.1} minutes</text>\n</svg>",
        LEFT + WIDTH
    );
    svg
}

fn draw(svg: &mut String, panel: &Panel, samples: &[Sample], top: f64, end: f64, most: f64) {
    let number = |value: usize| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    let bottom = top + HEIGHT;
    let mut points = String::new();
    for sample in samples {
        let x = LEFT + WIDTH * sample.at.as_secs_f64() / end;
        let y = bottom - HEIGHT * number((panel.of)(sample)) / most;
        let _ = write!(points, "{x:.1},{y:.1} ");
    }
    let (right, label) = (LEFT + WIDTH, LEFT - 6.0);
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{}\">{}</text>\n\
         <line x1=\"{LEFT}\" y1=\"{bottom}\" x2=\"{right}\" y2=\"{bottom}\" stroke=\"#999\"/>\n\
         <line x1=\"{LEFT}\" y1=\"{top}\" x2=\"{LEFT}\" y2=\"{bottom}\" stroke=\"#999\"/>\n\
         <text x=\"{label}\" y=\"{}\" text-anchor=\"end\">{most}</text>\n\
         <text x=\"{label}\" y=\"{bottom}\" text-anchor=\"end\">0</text>\n\
         <polyline points=\"{}\" fill=\"none\" stroke=\"#1f6feb\"/>",
        top - 4.0,
        panel.title,
        top + 10.0,
        points.trim_end()
    );
}
