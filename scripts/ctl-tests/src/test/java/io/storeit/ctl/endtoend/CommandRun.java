package io.storeit.ctl.endtoend;

import java.util.List;

/**
 * What a finished command left on the screen.
 *
 * @param command its name and arguments
 * @param exit its exit code
 * @param out standard output
 * @param err standard error
 */
record CommandRun(List<String> command, int exit, String out, String err) {
    CommandRun requireExit(int expected) {
        if (exit != expected) {
            throw new AssertionError("%s ended with %d, expected %d%n%s".formatted(String.join(" ", command), exit, expected, this));
        }
        return this;
    }

    /** Both streams, for words that may stand on either. */
    String text() {
        return out + err;
    }

    @Override
    public String toString() {
        return "--- %s: exit %d, standard output:%n%s--- standard error:%n%s---%n".formatted(String.join(" ", command), exit, out, err);
    }
}
