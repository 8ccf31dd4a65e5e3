"""Processes that begin with the gateway imported: the tests need many, and importing takes longer than most of what they do."""

import multiprocessing

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.support.loopback", "tests.support.racing"])
