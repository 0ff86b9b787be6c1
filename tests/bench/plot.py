#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Growth curves from what size.py wrote: plot.py size.json > size.svg. Both axes are logarithmic; Python's library only."""
import json
import math
import statistics
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 900, 560, 70, 250, 40, 50
COLOURS = ("#0b6e99", "#d9730d", "#0f7b6c", "#ad1a72", "#6940a5", "#64473a", "#e03e3e", "#4d6461", "#dfab01", "#2f3437")
LEFT_OUT = ("completion of an address", "map build, nothing to do", "postmap of all tables")


def series(sites):
    sites = [site for site in sites if site["domains"] > 1]
    curves = {}
    for site in sites:
        for what, figures in site["figures"].items():
            if what not in LEFT_OUT:
                point = (site["mailboxes"], statistics.median(wall for wall, _ in figures) * 1000)
                curves.setdefault(what, []).append(point)
    return {what: points for what, points in curves.items() if len(points) > 1}


def main():
    curves = series(json.load(open(sys.argv[1])))
    xs = [x for points in curves.values() for x, _ in points]
    ys = [y for points in curves.values() for _, y in points]
    low_x, high_x = math.log10(min(xs)), math.log10(max(xs))
    low_y, high_y = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))

    def at(x, y):
        return (LEFT + (math.log10(x) - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT),
                HEIGHT - BOTTOM - (math.log10(y) - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{LEFT}" y="22" font-size="15">Time of one command by the mailboxes of the site (ms)</text>']
    for power in range(low_y, high_y + 1):
        _, y = at(10 ** low_x, 10 ** power)
        out.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10 ** power:,g}</text>')
    for x_value in sorted(set(xs)):
        x, _ = at(x_value, 10 ** low_y)
        out.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#eee"/>'
                   f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{x_value:,}</text>')
    label_y = 0.0
    for number, (what, points) in enumerate(sorted(curves.items(), key=lambda curve: -curve[1][-1][1])):
        colour = COLOURS[number % len(COLOURS)]
        places = [at(*point) for point in sorted(points)]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                   + " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + '"/>')
        out.extend(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places)
        label_y = max(label_y + 16, places[-1][1] + 4)
        out.append(f'<text x="{WIDTH - RIGHT + 10}" y="{label_y:.1f}" fill="{colour}">{what}</text>')
    print("\n".join(out) + "\n</svg>")


if __name__ == "__main__":
    main()
