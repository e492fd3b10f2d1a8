"""A training that is killed: at the n-th call of something that writes, or of a step.

    python killed.py WHAT COUNT -- ARGUMENTS OF medt-gen

WHAT is `before-fsync`, `after-fsync`, `before-replace`, `after-replace`, `in-write`, or
`step`; with `full` it is not killed: from the n-th sync on the disk is full. Nothing is cleaned up: the process kills itself with signal 9.
"""

import errno
import os
import signal
import sys


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Countdown:
    def __init__(self, count):
        self.left = count

    def is_due(self):
        self.left -= 1
        return self.left == 0


def patched(function, when, countdown):
    def call(*arguments, **options):
        due = countdown.is_due()
        if due and when == "before":
            die()
        result = function(*arguments, **options)
        if due:
            die()
        return result

    return call


def half_written(function, countdown):
    """A file that is cut in its middle."""

    def fdopen(handle, *arguments, **options):
        file = function(handle, *arguments, **options)
        if countdown.is_due():
            write = file.write

            class Cut:
                def __enter__(self):
                    return self

                def __exit__(self, *error):
                    return None

                def write(self, data):
                    write(data[: len(data) // 2])
                    file.flush()
                    die()

            return Cut()
        return file

    return fdopen


def full(function, countdown):
    """A disk that has no space left from some call on."""

    def fsync(handle):
        if countdown.is_due() or countdown.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        function(handle)

    return fsync


def arm(what, count):
    countdown = Countdown(count)
    if what == "step":
        from medt_gen.training.step import Stepper

        Stepper.step = patched(Stepper.step, "after", countdown)
    elif what == "full":
        os.fsync = full(os.fsync, countdown)
    elif what == "in-write":
        from medt_gen.files import durable

        durable.os.fdopen = half_written(os.fdopen, countdown)
    else:
        when, name = what.split("-")
        setattr(os, name, patched(getattr(os, name), when, countdown))


def main():
    what, count, _, *arguments = sys.argv[1:]
    arm(what, int(count))
    from medt_gen.cli import main as medt_gen

    sys.exit(medt_gen(arguments))


if __name__ == "__main__":
    main()
