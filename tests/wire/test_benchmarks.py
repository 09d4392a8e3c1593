"""The benchmarks run: both bots start, take commands and are measured. What they measure is no test's business."""

from __future__ import annotations

from benchmarks import acknowledgement, claim, first_claim


async def test_both_bots_answer_a_burst_of_commands() -> None:
    result = await acknowledgement.run(quick=True)

    assert [figure.name for figure in result.figures] == ["median", "99th percentile", "longest"]
    assert all(figure.ours > 0 and figure.ratio for figure in result.figures)


async def test_a_start_with_many_unfinished_jobs_is_seen_to_take_the_first_up() -> None:
    result = await first_claim.run(quick=True)

    assert all(figure.ours > 0 for figure in result.figures)


async def test_claims_are_timed_with_and_without_a_history() -> None:
    result = await claim.run(quick=True)

    assert all(figure.ours > 0 and figure.ratio for figure in result.figures)
