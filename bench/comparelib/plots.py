"""Grouped bars as SVG, without scripts or fonts of their own."""
import html
import math

COLOURS = ["#999999", "#0072b2", "#e69f00", "#009e73", "#cc79a7"]
LEFT, TOP, HEIGHT, BAR, GAP = 70, 60, 260, 30, 34


def _round_up(value):
    power = 10 ** math.floor(math.log10(value))
    return next(power * step for step in (1, 1.5, 2, 3, 5, 8, 10) if power * step >= value)


def bars(title, unit, groups, series, values):
    """values[series][group] is a number or None."""
    highest = _round_up(max([v for row in values for v in row if v is not None] or [1]) or 1)
    group_width = BAR * len(series) + GAP
    width = LEFT + group_width * len(groups) + 40
    width = max(width, 480)
    out = [f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{TOP + HEIGHT + 70}' "
           f"viewBox='0 0 {width} {TOP + HEIGHT + 70}' font-family='sans-serif' font-size='12'>",
           "<rect width='100%' height='100%' fill='white'/>",
           f"<text x='{LEFT}' y='24' font-size='15'>{html.escape(title)}</text>"]
    for step in range(6):
        y = TOP + HEIGHT - HEIGHT * step / 5
        out.append(f"<line x1='{LEFT}' y1='{y:.1f}' x2='{width - 20}' y2='{y:.1f}' stroke='#ddd'/>"
                   f"<text x='{LEFT - 6}' y='{y + 4:.1f}' text-anchor='end'>{highest * step / 5:,.4g}</text>")
    out.append(f"<text x='{LEFT}' y='{TOP - 10}' fill='#555'>{html.escape(unit)}</text>")
    for g, group in enumerate(groups):
        x0 = LEFT + GAP / 2 + g * group_width
        for s in range(len(series)):
            value = values[s][g]
            if value is None:
                continue
            bar = HEIGHT * value / highest
            x, y = x0 + s * BAR, TOP + HEIGHT - bar
            out.append(f"<rect x='{x:.1f}' y='{y:.1f}' width='{BAR - 4}' height='{bar:.1f}' fill='{COLOURS[s % len(COLOURS)]}'/>"
                       f"<text x='{x + (BAR - 4) / 2:.1f}' y='{y - 4:.1f}' font-size='9' text-anchor='middle'>{value:.3g}</text>")
        out.append(f"<text x='{x0 + BAR * len(series) / 2:.1f}' y='{TOP + HEIGHT + 18}' text-anchor='middle'>"
                   f"{html.escape(group)}</text>")
    x = LEFT
    for s, name in enumerate(series):
        out.append(f"<rect x='{x}' y='{TOP + HEIGHT + 36}' width='12' height='12' fill='{COLOURS[s % len(COLOURS)]}'/>"
                   f"<text x='{x + 17}' y='{TOP + HEIGHT + 46}'>{html.escape(name)}</text>")
        x += 40 + 8 * len(name)
    return "\n".join(out) + "\n</svg>\n"
