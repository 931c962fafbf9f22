# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run came to, for a reader at the terminal and as a section of bench/RESULTS.md."""

import os
import platform
import time

BEGIN, END = "<!-- endurance: begin -->", "<!-- endurance: end -->"


def checks_print(findings):
    for title, passed, words in findings.checks:
        print(f"{title:<44}{'passed' if passed else 'FAILED':<8}{words}")


def duration(seconds):
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"


def rows_of(run):
    """(what, how much)"""
    findings, events, load, daemon = run.findings, run.events, run.load, run.daemon
    counts, samples = events.counts, daemon.samples
    lives = sorted(life.ended - life.started for life in daemon.lives)
    yield "load", duration(run.plan.seconds)
    yield "calls set up, over UDP and TCP", f"{findings.heard:,}, at most {run.most['calls']} at once"
    yield "sound heard both ways", f"{findings.seconds / 3600:,.1f} hours of calls, {findings.packets:,} packets counted"
    yield "packets lost of calls that no change of the address met", f"{findings.packets_lost:,}"
    yield "calls in which a second of sound was missing that ought to be there", str(len(findings.faulty))
    yield "calls that a change of the address met", f"{findings.moved:,}"
    yield "calls with an offer that passed unread while no daemon ran", f"{findings.unedited:,}"
    yield "calls being set up at a kill -9, with sound afterwards", f"{findings.across_kill:,}"
    yield "calls cut off because one of their ends died", f"{events.killed_calls:,}"
    yield "registrations", f"{load.registered:,}"
    yield "kill -9 of the daemon", f"{len(daemon.kills)}; lives of {lives[0]:.0f} to {lives[-1]:.0f} s"
    yield "reloads of the user's rules, new outside addresses", f"{counts.get('reload', 0)}, {len(events.changes)}"
    yield "bindings, TCP connections at most", f"{run.most['bindings']:,}, {run.most['connections']:,}"
    yield "resident memory, in samples of two seconds", (f"{min(sample.memory_kib for sample in samples):,} to "
                                                         f"{max(sample.memory_kib for sample in samples):,} KiB")
    for label, words in run.slopes.items():
        yield f"slope of memory {label}, by least squares, and its standard error", words


def section(run):
    kernel = platform.release().split("-")[0]
    load = os.getloadavg()[1]
    lines = [BEGIN, "## Endurance", "",
             f"Written by `make endurance` on {time.strftime('%Y-%m-%d')}, Linux {kernel}, {os.cpu_count()} cores (load {load:.1f}, "
             f"of other work too), after {duration(time.monotonic() - run.began)} in all. endurance/README.md says what was done.",
             "", "| what | how much |", "|---|---:|"]
    lines += [f"| {what} | {much} |" for what, much in rows_of(run)]
    lines += [""] + [f"- {title}: **{'passed' if passed else 'failed'}** ({words})" for title, passed, words in run.findings.checks]
    return "\n".join([*lines, END, ""])


def section_of(text):
    """What stands between the markers, with them; or nothing."""
    _, begin, rest = text.partition(BEGIN)
    inside, end, _ = rest.partition(END)
    return f"{begin}{inside}{end}\n" if end else ""


def section_write(path, new):
    """In the place of the one that is there, or at the end."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    old = section_of(text)
    text = text.replace(old, new) if old else f"{text.rstrip()}\n\n{new}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
