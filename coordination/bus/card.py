"""The agent card: what a peer reads before it says anything."""

from importlib.metadata import version

from a2a.types import a2a_pb2 as pb

PROTOCOL = "1.0"
RPC_PATH = "/a2a/jsonrpc"
REST_PATH = "/a2a/rest"
SCHEME = "token"


def agent_card(name: str, origin: str) -> pb.AgentCard:
    """The crew's card. `origin` is where it is served, as in `http://127.0.0.1:8765`."""
    bearer = pb.HTTPAuthSecurityScheme(
        scheme="bearer", description="The token that the crew's owner gave to this peer."
    )
    return pb.AgentCard(
        name=name,
        description=(
            "A crew of role agents that builds training data and fine-tunes models. Its lead takes "
            "goals; decisions stay with the humans who own the crew."
        ),
        version=version("crewboard"),
        supported_interfaces=[
            pb.AgentInterface(
                url=origin + RPC_PATH, protocol_binding="JSONRPC", protocol_version=PROTOCOL
            ),
            pb.AgentInterface(
                url=origin + REST_PATH, protocol_binding="HTTP+JSON", protocol_version=PROTOCOL
            ),
        ],
        capabilities=pb.AgentCapabilities(
            streaming=True, push_notifications=False, extended_agent_card=False
        ),
        security_schemes={SCHEME: pb.SecurityScheme(http_auth_security_scheme=bearer)},
        security_requirements=[pb.SecurityRequirement(schemes={SCHEME: pb.StringList()})],
        default_input_modes=["text/plain"],
        default_output_modes=["text/plain", "application/json"],
        skills=[_goal()],
    )


def _goal() -> pb.AgentSkill:
    return pb.AgentSkill(
        id="goal",
        name="Take a goal",
        description=(
            "State in words what data or model is wanted. The lead plans it, the crew works, and the "
            "task shows its state, what it waits on, and its artifacts by path and hash."
        ),
        tags=["training data", "fine-tuning", "evaluation"],
        examples=["Mix these two datasets, audit the result, and fine-tune the small model on it."],
    )
