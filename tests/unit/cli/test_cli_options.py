"""Every option has a twin in the environment, under the name that the help promises."""

import click
import pytest

from crewboard.cli.root import RootVerbs, root

SHARED = {"CREWBOARD_WORKSPACE", "CREWBOARD_JSON"}
VERBS = [verb for verbs in RootVerbs.sections.values() for verb in verbs]


@pytest.mark.parametrize("verb", VERBS)
def test_an_options_twin_bears_the_names_of_verb_and_option(verb: str) -> None:
    above = click.Context(root, info_name="crewboard", auto_envvar_prefix="CREWBOARD")
    command = root.get_command(above, verb)
    assert command is not None
    context = click.Context(command, info_name=verb, parent=above)
    for option in command.params:
        if not isinstance(option, click.Option) or option.name == "help":
            continue
        assert option.show_envvar, option.opts
        twin = option.envvar or f"{context.auto_envvar_prefix}_{str(option.name).upper()}"
        longest = max(option.opts, key=len).removeprefix("--").replace("-", "_").upper()
        assert twin in SHARED | {f"CREWBOARD_{verb.upper()}_{longest}"}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_says_in_one_line_what_it_does(verb: str) -> None:
    command = root.get_command(click.Context(root), verb)
    assert command is not None
    said = command.get_short_help_str(limit=200)
    assert said.endswith(".")
    assert 10 < len(said) <= 65
