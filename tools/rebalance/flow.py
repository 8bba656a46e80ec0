"""Whole numbers in a table, each within bounds, whose rows and columns add up within bounds: exactly, by
a flow through the table (Dinic's method; lower bounds as in Ahuja, Magnanti and Orlin, Network Flows, 6.7).
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Bounds = tuple[int, int]
Place = tuple[int, int]


@dataclass(frozen=True)
class Table:
    """The least and the most of each row, each column and each cell; a cell that is not named is 0."""

    rows: Sequence[Bounds]
    columns: Sequence[Bounds]
    cells: Mapping[Place, Bounds]


def filled(table: Table, total: int) -> dict[Place, int] | None:
    """Numbers that add up to `total` and keep all bounds; None where there are none."""
    down, across = len(table.rows), len(table.columns)
    source, sink = down + across, down + across + 1
    net = _Net(down + across + 4)
    net.add(sink, source, (total, total))
    for i, bounds in enumerate(table.rows):
        net.add(source, i, bounds)
    for j, bounds in enumerate(table.columns):
        net.add(down + j, sink, bounds)
    edges = {place: net.add(place[0], down + place[1], b) for place, b in table.cells.items()}
    if not net.circulates():
        return None
    return {place: table.cells[place][0] + net.flow[edge ^ 1] for place, edge in edges.items()}


class _Net:
    """Edges in pairs, there and back; `flow` is what can still pass. The last two nodes make up for lower
    bounds: what must pass an edge anyway enters behind it and leaves before it."""

    def __init__(self, nodes: int) -> None:
        self._out: list[list[int]] = [[] for _ in range(nodes)]
        self._to: list[int] = []
        self.flow: list[int] = []
        self._enter, self._leave = nodes - 2, nodes - 1
        self._owed, self._broken = 0, False

    def add(self, start: int, end: int, bounds: Bounds) -> int:
        low, high = bounds
        self._broken = self._broken or low > high
        edge = self._edge(start, end, high - low)
        if low:
            self._edge(self._enter, end, low)
            self._edge(start, self._leave, low)
            self._owed += low
        return edge

    def circulates(self) -> bool:
        """Whether all that must pass can."""
        if self._broken:
            return False
        passed = 0
        while levels := self._levels():
            at = [0] * len(self._out)
            while pushed := self._push(levels, at):
                passed += pushed
        return passed == self._owed

    def _edge(self, start: int, end: int, most: int) -> int:
        for node, to, flow in ((start, end, most), (end, start, 0)):
            self._out[node].append(len(self._to))
            self._to.append(to)
            self.flow.append(flow)
        return len(self._to) - 2

    def _levels(self) -> list[int] | None:
        levels = [-1] * len(self._out)
        levels[self._enter] = 0
        waiting = deque([self._enter])
        while waiting:
            node = waiting.popleft()
            for edge in self._out[node]:
                if self.flow[edge] > 0 and levels[self._to[edge]] < 0:
                    levels[self._to[edge]] = levels[node] + 1
                    waiting.append(self._to[edge])
        return levels if levels[self._leave] >= 0 else None

    def _push(self, levels: list[int], at: list[int]) -> int:
        """Send what one path takes, along rising levels; 0 when there is none left."""
        path: list[int] = []
        node = self._enter
        while node != self._leave:
            edge = self._next(node, levels, at)
            if edge is not None:
                path.append(edge)
                node = self._to[edge]
            elif path:
                node = self._to[path.pop() ^ 1]
                at[node] += 1
            else:
                return 0
        most = min(self.flow[edge] for edge in path)
        for edge in path:
            self.flow[edge] -= most
            self.flow[edge ^ 1] += most
        return most

    def _next(self, node: int, levels: list[int], at: list[int]) -> int | None:
        while at[node] < len(self._out[node]):
            edge = self._out[node][at[node]]
            if self.flow[edge] > 0 and levels[self._to[edge]] == levels[node] + 1:
                return edge
            at[node] += 1
        return None
