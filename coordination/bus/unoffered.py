"""The A2A operations that a crew does not offer, refused as the protocol says.

Push notifications would have the crew call an address that a peer names; a peer subscribes instead.
"""
# ruff: noqa: ARG002 - the signatures are the protocol's

from typing import NoReturn

from a2a.server.context import ServerCallContext
from a2a.server.request_handlers.request_handler import RequestHandler
from a2a.types import a2a_pb2 as pb
from a2a.utils import errors


class Unoffered(RequestHandler):
    async def on_create_task_push_notification_config(
        self, params: pb.TaskPushNotificationConfig, context: ServerCallContext
    ) -> NoReturn:
        raise errors.PushNotificationNotSupportedError

    async def on_get_task_push_notification_config(
        self, params: pb.GetTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> NoReturn:
        raise errors.PushNotificationNotSupportedError

    async def on_list_task_push_notification_configs(
        self, params: pb.ListTaskPushNotificationConfigsRequest, context: ServerCallContext
    ) -> NoReturn:
        raise errors.PushNotificationNotSupportedError

    async def on_delete_task_push_notification_config(
        self, params: pb.DeleteTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> NoReturn:
        raise errors.PushNotificationNotSupportedError

    async def on_get_extended_agent_card(
        self, params: pb.GetExtendedAgentCardRequest, context: ServerCallContext
    ) -> NoReturn:
        raise errors.ExtendedAgentCardNotConfiguredError
