"""Small pictures as SVG text: how honest probabilities are, and how understanding grows from round to round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP, SIDE = 640, 420, 60, 30, 340
# Okabe and Ito's colours, told apart by people who see colours differently; then darker ones of them.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#004b75", "#8c3d00", "#00664b", "#86506d", "#966800", "#777777")  # fmt: skip


def _page(parts: Sequence[str], title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="12" role="img"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="white"/>' + "".join(parts) + "</svg>\n"
    )


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#222") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _axes(low: float, high: float, label: str, width: int) -> list[str]:
    """Return lines and numbers of an upright axis from low to high."""
    parts = [_text(LEFT, TOP - 12, label)]
    for step in range(6):
        value = low + (high - low) * step / 5
        y = TOP + SIDE * (1 - step / 5)
        parts.append(f'<line x1="{LEFT}" y1="{y:.0f}" x2="{LEFT + width}" y2="{y:.0f}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{value:.2f}", "end"))
    return parts


def calibration(bins: Sequence[tuple[float, float, int]], error: float) -> str:
    """Draw bins of (mean probability, share that was right, messages); on the diagonal probabilities are honest."""
    parts = _axes(0.0, 1.0, "share that was right", SIDE)
    parts.append(
        f'<line x1="{LEFT}" y1="{TOP + SIDE}" x2="{LEFT + SIDE}" y2="{TOP}" stroke="#999" stroke-dasharray="4"/>'
    )
    most = max((count for _, _, count in bins), default=1)
    for chance, right, count in bins:
        x, y = LEFT + SIDE * chance, TOP + SIDE * (1 - right)
        parts.append(
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{3 + 9 * (count / most) ** 0.5:.1f}" fill="{COLOURS[0]}" fill-opacity="0.7"/>'
        )
        parts.append(
            _text(
                LEFT + SIDE + 30,
                TOP + 20 + 18 * bins.index((chance, right, count)),
                f"{chance:.2f} → {right:.2f}  ({count})",
            )
        )
    for step in range(6):
        parts.append(_text(LEFT + SIDE * step / 5, TOP + SIDE + 18, f"{step / 5:.1f}", "middle"))
    parts.append(_text(LEFT + SIDE / 2, TOP + SIDE + 38, "probability of the best meaning", "middle"))
    parts.append(_text(LEFT + SIDE + 30, TOP + SIDE, f"mean error {error:.3f}"))
    return _page(parts, "Calibration")


def curve(lines: Mapping[str, Sequence[float | None]], rounds: Sequence[str], label: str) -> str:
    """Draw one line per language over the rounds; None where a round had no message of it."""
    values = [value for line in lines.values() for value in line if value is not None]
    low = max(0.0, min(values, default=0.0) - 0.05)
    width = 430
    parts = _axes(low, 1.0, label, width)

    def place(index: int, value: float) -> tuple[float, float]:
        return LEFT + width * (index + 0.5) / max(1, len(rounds)), TOP + SIDE * (1 - (value - low) / (1 - low))

    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [place(i, value) for i, value in enumerate(line) if value is not None]
        thick = 3 if name == "all" else 1.5
        path = " ".join(f"{x:.0f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{thick}"/>')
        parts += [f'<circle cx="{x:.0f}" cy="{y:.1f}" r="{thick + 1}" fill="{colour}"/>' for x, y in points]
        last = next((value for value in reversed(line) if value is not None), None)
        parts.append(
            _text(
                LEFT + width + 20,
                TOP + 12 + 18 * number,
                f"{name} {last:.2f}" if last is not None else name,
                colour=colour,
            )
        )
    for i, name in enumerate(rounds):
        parts.append(_text(place(i, 1.0)[0], TOP + SIDE + 18, name[:14], "middle"))
    return _page(parts, label)
