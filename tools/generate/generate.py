"""The tool: word problems to order, every row labelled synthetic, every planted fault declared."""

from pydantic import Field, model_validator

from crewboard.tools.contract import Arguments, Made, Outcome, RowAccount, ToolContext, tool
from crewboard.tools.files.atomic import require_space, whole
from crewboard.tools.files.passing import EVERY
from crewboard.tools.generate.planting import Faults, word_problems

_ROW_BYTES = 1000  # over-long rows included, more than the mean


class GenerateArguments(Arguments):
    rows: int = Field(default=3000, ge=2, le=1_000_000)
    seed: int | None = None
    """The run's own seed when absent."""
    duplicates: float = Field(default=Faults.duplicates, ge=0)
    empty_answers: float = Field(default=Faults.empty_answers, ge=0)
    over_long: float = Field(default=Faults.over_long, ge=0)
    malformed: float = Field(default=Faults.malformed, ge=0)
    emails: float = Field(default=Faults.emails, ge=0)
    reserved_emails: float = Field(default=Faults.reserved_emails, ge=0)
    placeholders: float = Field(default=Faults.placeholders, ge=0)

    @model_validator(mode="after")
    def _leaves_sound_rows(self) -> "GenerateArguments":
        self.faults()
        return self

    def faults(self) -> Faults:
        return Faults(**self.model_dump(exclude={"rows", "seed"}))


def _fits(arguments: GenerateArguments, context: ToolContext) -> None:
    require_space(context.out, arguments.rows * _ROW_BYTES)


@tool(
    "word-problems",
    "Generate grade-school word problems with worked answers, and plant faults in declared shares.",
    produces={"rows": "rows-jsonl"},
    preflight=_fits,
)
def generate(arguments: GenerateArguments, context: ToolContext) -> Outcome:
    """Write the rows, and tell in `measured` how many bear each fault.

    Faults go by the name of the audit rule that finds them; malformed lines are for the converter
    to find, since they never become chat rows.
    """
    seed = context.seed if arguments.seed is None else arguments.seed
    faults = arguments.faults()
    path = context.out / "rows.jsonl"
    with whole(path) as file:
        for done, line in enumerate(word_problems(arguments.rows, seed, faults), 1):
            file.write(line + b"\n")
            if done % EVERY == 0:
                context.progress(done, arguments.rows, "rows generated")
    planted = faults.planned(arguments.rows)
    summary = f"{arguments.rows:,} synthetic rows, {sum(planted.values()):,} with a planted fault"
    account = RowAccount(rows_in=0, rows_out=arguments.rows, made=arguments.rows)
    made = (Made("rows", path, arguments.rows),)
    return Outcome(made, summary, account, {"seed": seed, "synthetic": True, "planted": planted})
