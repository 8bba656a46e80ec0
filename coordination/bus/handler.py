"""The A2A operations over the ledger: what the SDK's own handler promises, and that it lasts.

A message is in the ledger before its sender hears of it; the same message again is the same task; of
racing answers one wins; a restart forgets nothing. The handler does no work itself: whoever waits here
watches what a crew writes, in this process or another, and stops waiting when none is alive.

Whoever comes through these operations is a peer, whatever name it goes by: it states goals, answers,
reads and cancels its own.
"""

import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass

from a2a.server.context import ServerCallContext
from a2a.server.events import Event
from a2a.types import a2a_pb2 as pb
from a2a.utils import errors
from a2a.utils.proto_utils import validate_proto_required_fields
from a2a.utils.task import apply_history_length, validate_history_length

from crewboard.coordination import tasks
from crewboard.coordination.bus import a2a, ingress, view
from crewboard.coordination.bus.courier import accept
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.feed import Bell, Feed
from crewboard.coordination.bus.ingress import Receipt
from crewboard.coordination.bus.lane import Lane
from crewboard.coordination.bus.paging import page_of, token_of
from crewboard.coordination.bus.refusal import in_a2a_words
from crewboard.coordination.bus.unoffered import Unoffered
from crewboard.coordination.bus.view import News, View
from crewboard.coordination.ledger import Ledger, Transaction
from crewboard.errors import TaskEnded


@dataclass(frozen=True)
class Patience:
    """How long whoever waits for a task is kept waiting, in seconds.

    poll: until something that another process wrote is seen. quiet: without news, while no crew is
    alive. longest: in all; who still wants to know then asks again.
    """

    poll: float = 0.1
    quiet: float = 15.0
    longest: float = 3600.0


class DurableHandler(Unoffered):
    """Shared by any number of callers and event loops; `aclose` ends its threads."""

    def __init__(self, ledger: Ledger, patience: Patience | None = None) -> None:
        self._ledger = ledger
        self._patience = patience or Patience()
        self._feed = Feed(ledger, self._patience.poll)
        self._reads = Lane(ledger, "bus-read")
        self._writes = Lane(ledger, "bus-write")

    def accept(self, message: pb.Message, sender: str) -> Receipt:
        """Take in a message of a sender that the caller vouches for, a role of this crew."""
        return accept(self._ledger, message, sender)

    def deliver(self, envelope: Envelope) -> None:
        """Carry one of the outbox's letters to a role of this crew."""
        self.accept(a2a.message_of(envelope), envelope.sender)

    async def aclose(self) -> None:
        self._feed.close()
        self._reads.close()
        self._writes.close()

    # ── sending ────────────────────────────────────────────────────────────────────────────────

    async def on_message_send(
        self, params: pb.SendMessageRequest, context: ServerCallContext
    ) -> pb.Task | pb.Message:
        with in_a2a_words():
            peer = _peer(context)
            receipt = await self._take_in(params, peer)
            if not params.configuration.return_immediately:
                await self._until_stopped(receipt.task)
            seen = await self._look(receipt.task, peer)
            return apply_history_length(a2a.task_of(seen), params.configuration)

    async def on_message_send_stream(
        self, params: pb.SendMessageRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        with in_a2a_words():
            peer = _peer(context)
            receipt = await self._take_in(params, peer)
            async with aclosing(self._follow(receipt.task, peer)) as events:
                async for event in events:
                    if isinstance(event, pb.Task):
                        yield apply_history_length(event, params.configuration)
                    else:
                        yield event

    # ── reading ────────────────────────────────────────────────────────────────────────────────

    async def on_get_task(
        self, params: pb.GetTaskRequest, context: ServerCallContext
    ) -> pb.Task | None:
        with in_a2a_words():
            validate_proto_required_fields(params)
            validate_history_length(params)
            seen = await self._look(params.id, _peer(context))
            return apply_history_length(a2a.task_of(seen), params)

    async def on_list_tasks(
        self, params: pb.ListTasksRequest, context: ServerCallContext
    ) -> pb.ListTasksResponse:
        with in_a2a_words():
            validate_proto_required_fields(params)
            validate_history_length(params)
            page, peer = page_of(params), _peer(context)
            found, total = await self._reads.read(lambda tx: view.list_tasks(tx, peer, page))
            shown = found[: page.size]
            more = shown[-1] if len(found) > page.size else None
            return pb.ListTasksResponse(
                tasks=[apply_history_length(a2a.task_of(each), params) for each in shown],
                next_page_token=token_of(more) if more else "",
                page_size=page.size,
                total_size=total,
            )

    async def on_subscribe_to_task(
        self, params: pb.SubscribeToTaskRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        """The task, then what changes, until it stops. A task that waits is followed to its next stop;
        one that has ended is refused, as there is nothing to follow."""
        with in_a2a_words():
            validate_proto_required_fields(params)
            peer = _peer(context)
            seen = await self._look(params.id, peer)
            if seen.task.ended:
                raise TaskEnded(task=seen.task.id, state=seen.task.state)
            following = self._follow(params.id, peer, past_interruption=True)
            async with aclosing(following) as events:
                async for event in events:
                    yield event

    # ── cancelling ─────────────────────────────────────────────────────────────────────────────

    async def on_cancel_task(
        self, params: pb.CancelTaskRequest, context: ServerCallContext
    ) -> pb.Task | None:
        """Cancel the task and everything below it."""
        with in_a2a_words():
            validate_proto_required_fields(params)
            peer = _peer(context)
            seen = await self._writes.write(lambda tx: _cancelled(tx, params.id, peer))
            return a2a.task_of(seen)

    # ── how ────────────────────────────────────────────────────────────────────────────────────

    async def _take_in(self, params: pb.SendMessageRequest, peer: str) -> Receipt:
        validate_proto_required_fields(params)
        validate_history_length(params.configuration)
        if params.configuration.HasField("task_push_notification_config"):
            raise errors.PushNotificationNotSupportedError
        return await self._writes.call(lambda: accept(self._ledger, params.message, peer))

    async def _look(self, task: str, peer: str) -> View:
        return await self._reads.read(lambda tx: view.look(tx, task, peer))

    async def _follow(
        self, task_id: str, peer: str, *, past_interruption: bool = False
    ) -> AsyncGenerator[Event, None]:
        """The task as it is, then each change, until it stops or nobody is left to move it on."""
        with self._feed.follow(task_id) as bell:
            seen = await self._look(task_id, peer)
            yield a2a.task_of(seen)
            stopped, seq = seen.standing.stopped, seen.seq
            if stopped and (seen.task.ended or not past_interruption):
                return
            wait = _Wait(self._patience)
            while not wait.over:
                news = await self._news(bell, seq, wait)
                for each in news:
                    seq = each.seq
                    for event in _events(seen, each):
                        yield event
                    if each.standing and each.standing.stopped:
                        return
            if wait.idle:
                yield a2a.idle_event(await self._look(task_id, peer))

    async def _until_stopped(self, task_id: str) -> None:
        """Wait as `_follow` does, for whoever wants the end only: nothing is made of what passes by."""
        with self._feed.follow(task_id) as bell:
            wait, seq = _Wait(self._patience), 0
            news = await self._reads.read(lambda tx: view.news(tx, task_id, 0))
            while True:
                seq = news[-1].seq if news else seq
                standings = [each.standing for each in news if each.standing]
                if standings and standings[-1].stopped:
                    return
                if wait.over:
                    return
                news = await self._news(bell, seq, wait)

    async def _news(self, bell: Bell, seq: int, wait: "_Wait") -> list[News]:
        await bell.heard(wait.tick)
        news = await self._reads.read(lambda tx: view.news(tx, bell.task, seq))
        alive = bool(news) or await self._reads.read(view.crew_is_alive)
        if alive:
            wait.heard()
        return news


def _cancelled(tx: Transaction, task_id: str, peer: str) -> View:
    task = ingress.visible(tx, task_id, peer)
    if task.ended:
        raise errors.TaskNotCancelableError(f"Task {task.id} has ended ({task.state}).")
    tasks.cancel(tx, task, peer, "cancelled over the bus")
    return view.look(tx, task.id, peer)


class _Wait:
    """One wait, and when it is over."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._began = self._last = time.monotonic()
        self.tick = patience.quiet / 3

    def heard(self) -> None:
        self._last = time.monotonic()

    @property
    def idle(self) -> bool:
        return time.monotonic() - self._last >= self._patience.quiet

    @property
    def over(self) -> bool:
        return self.idle or time.monotonic() - self._began >= self._patience.longest


def _events(seen: View, news: News) -> Iterator[Event]:
    if news.standing:
        yield a2a.status_event(seen.task, news.standing)
    if news.artifact:
        yield a2a.artifact_event(seen.task, news.artifact)


def _peer(context: ServerCallContext) -> str:
    """Who asks. The name is the transport's, never the message's."""
    if not context.user.is_authenticated or not context.user.user_name:
        raise errors.InvalidRequestError("Nobody vouches for who sends this.")
    return a2a.PEER + context.user.user_name
