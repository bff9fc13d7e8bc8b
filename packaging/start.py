"""Where the single file starts: the program, or one of its own modules that it runs in a process beside itself."""

import multiprocessing
import os
import runpy
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()  # a player's process: goes no further
    chosen = os.environ.get("XIANGQI_GPT_KERNELS")  # which of the kernels that came along: see header.sh
    if chosen and "NUMBA_CPU_NAME" not in os.environ:
        os.environ["NUMBA_CPU_NAME"], _, os.environ["NUMBA_CPU_FEATURES"] = chosen.partition(":")
    if sys.argv[1:2] == ["-m"] and sys.argv[2:3] and sys.argv[2].startswith("xiangqi_gpt."):
        module = sys.argv[2]
        sys.argv = [module, *sys.argv[3:]]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        from xiangqi_gpt.commands.main import main

        raise SystemExit(main())
