"""What an SVG says, without where: its groups, in order, and the texts in them."""

from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def structure(text):
    """A line for each group by its depth, with its kind, its name and its texts."""
    return "\n".join(_lines(ElementTree.fromstring(text), 0)) + "\n"


def _lines(element, depth):
    for group in element.findall(f"{SVG}g"):
        texts = [item.text for item in group.findall(f"{SVG}text")]
        words = f": {' | '.join(texts)}" if texts else ""
        yield f"{'  ' * depth}{group.get('class')} {group.get('id')}{words}"
        yield from _lines(group, depth + 1)
