package io.storeit.ops.console;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.Progress;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;

/**
 * Prints every kind of output to its place. Results go to standard output; steps, progress, questions, warnings and errors go to
 * standard error. With {@code --json}, standard output has one object, the result or the error; with {@code --quiet}, steps are not
 * printed. An error is one line that says what could not be done to what, and a hint that says what to do next. A refused question
 * is printed without the word "Error". On a terminal, lines are broken at its width, never inside a word or a path, and a few words
 * are coloured unless NO_COLOR (https://no-color.org) is set; colour alone carries no meaning. Elsewhere lines are whole and have no
 * control characters.
 */
public final class Console {
    /** The format of the JSON of all commands. It is raised when a key changes its meaning or is removed. */
    private static final int FORMAT_VERSION = 1;
    private static final int INPUT = 0;
    private static final int OUTPUT = 1;
    private static final int ERROR = 2;
    private static final int DEFAULT_WIDTH = 80;

    private final CommandLine command;
    private final Verbosity verbosity;
    private final List<String> warnings = new ArrayList<>();
    private final List<String> questions = new ArrayList<>();
    private ProgressDisplay progress;
    private int width;
    private boolean dryRun;

    public Console(CommandLine command, Verbosity verbosity) {
        this.command = command;
        this.verbosity = verbosity;
    }

    /** Prints a line of the result on standard output. */
    public void print(String text, Object... arguments) {
        line(command.getOut(), OUTPUT, formatted(text, arguments));
    }

    /** Prints a row of a table in the result. Text that is too long for the terminal continues beside the head, not below it. */
    public void row(String head, String text) {
        int indent = visible(head) + 1;
        String broken = isTerminal(OUTPUT) && width() > 2 * indent ? wrapped(text, width() - indent).replace("\n", "\n" + " ".repeat(indent)) : text;
        print("%s %s", head, broken);
    }

    /** Prints what the command is doing, unless {@code --quiet} is given. */
    public void say(String text, Object... arguments) {
        if (!verbosity.quiet()) printError(formatted(text, arguments));
    }

    /** Prints the beginning of a numbered step. */
    public void step(int number, int of, String text, Object... arguments) {
        say(styled("bold", "[" + number + "/" + of + "]", ERROR) + " " + formatted(text, arguments));
    }

    /** Prints a warning, and keeps it for the JSON object. */
    public void warn(String text, Object... arguments) {
        String warning = formatted(text, arguments);
        warnings.add(warning);
        printError(styled("yellow", "Warning:", ERROR) + " " + warning);
    }

    /** Prints an error and its hint. A refused question is no error. */
    public void error(OpsException failure) {
        printError((failure.exit() == Exit.CONSENT ? "" : styled("bold,red", "Error:", ERROR) + " ") + failure.getMessage());
        if (!failure.hint().isEmpty()) printError(failure.hint());
    }

    private void printError(String text) {
        endProgress();
        line(command.getErr(), ERROR, text);
    }

    private void line(PrintWriter stream, int descriptor, String text) {
        stream.println(isTerminal(descriptor) ? wrapped(text, width()) : text);
        stream.flush();
    }

    private static String formatted(String text, Object... arguments) {
        return arguments.length == 0 ? text : String.format(Locale.ROOT, text, arguments);
    }

    /** Colours a text of the result, if colours are wanted. @param style in picocli's markup, such as {@code bold,green} */
    public String styled(String style, String text) {
        return styled(style, text, OUTPUT);
    }

    private static String styled(String style, String text, int descriptor) {
        return colours(descriptor) ? CommandLine.Help.Ansi.ON.string("@|" + style + " " + text + "|@") : text;
    }

    static CommandLine.Help.Ansi ansi() {
        return colours(OUTPUT) ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF;
    }

    private static boolean colours(int descriptor) {
        String unwanted = System.getenv("NO_COLOR");
        return (unwanted == null || unwanted.isEmpty()) && !"dumb".equals(System.getenv("TERM")) && isTerminal(descriptor);
    }

    /** Returns the columns of the terminal. */
    int width() {
        if (width == 0) width = Programs.terminalWidth().orElse(DEFAULT_WIDTH);
        return width;
    }

    /** Shows progress: as a bar on a terminal, elsewhere as a line every ten seconds. @param unit of both numbers, such as {@code KiB} */
    public void progress(String name, long done, long total, String unit) {
        if (verbosity.quiet() || total <= 0) return;
        if (progress == null) {
            progress = isTerminal(ERROR) ? new ProgressDisplay.Bar(command.getErr(), width(), name, total, unit)
                    : new ProgressDisplay.Lines(this::say, name, unit, System::nanoTime);
        }
        progress.show(done, total);
    }

    /** Removes the progress display. */
    public void endProgress() {
        if (progress == null) return;
        ProgressDisplay shown = progress;
        progress = null;
        shown.close();
    }

    /** Returns a listener that shows the progress of work in interchange. */
    public Progress following(String name, String unit) {
        return new Progress() {
            private long total;
            private long next;

            @Override
            public void status(String status) {}

            @Override
            public void total(long steps) {
                total = steps;
            }

            @Override
            public void done(long steps) {
                if (steps < next) return;
                next = steps + Math.max(1, total / 1000);
                progress(name, steps, total, unit);
            }
        };
    }

    /** Prints the result of a command. @return the exit code */
    public int finish(Result result) {
        endProgress();
        if (verbosity.json()) printJson(result.exit(), result.json());
        else result.print(this);
        command.getOut().flush();
        return result.exit().code;
    }

    /** Prints the failure of a command. @return the exit code */
    public int failure(OpsException failure) {
        error(failure);
        if (verbosity.verbose() || failure.exit() == Exit.INTERNAL) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            cause.printStackTrace(command.getErr());
            command.getErr().flush();
        }
        if (verbosity.json()) {
            var body = new ObjectNode(JsonNodeFactory.instance);
            body.putObject("error").put("message", failure.getMessage()).put("hint", failure.hint());
            printJson(failure.exit(), body);
        }
        return failure.exit().code;
    }

    private void printJson(Exit exit, ObjectNode body) {
        var object = new ObjectNode(JsonNodeFactory.instance);
        object.put("command", command.getCommandName()).put("format_version", FORMAT_VERSION).put("exit_code", exit.code).put("exit", exit.json());
        object.setAll(body);
        warnings.forEach(object.putArray("warnings")::add);
        Json.print(command.getOut(), object);
    }

    /** Lists questions from now on instead of asking them. */
    public void dryRun(boolean only) {
        dryRun = only;
    }

    /** Returns the questions that a dry run has listed. */
    List<String> questions() {
        return List.copyOf(questions);
    }

    boolean interactive() {
        return isTerminal(INPUT);
    }

    static boolean outputIsTerminal() {
        return isTerminal(OUTPUT);
    }

    /** Prints a fact and asks a question. Without a terminal, the answer is no. */
    public boolean asks(String fact, String question) {
        if (!interactive()) return false;
        printError(fact);
        command.getErr().print(question + " [y/N] ");
        command.getErr().flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
        } catch (IOException noAnswer) {
            return false;
        }
    }

    /** Asks a question, unless an option has answered it. Every answer but yes ends the command. */
    public void requireConsent(boolean answered, String option, String fact, String question) {
        if (answered) return;
        if (dryRun) {
            questions.add(fact + " " + question + " (" + option + ")");
        } else if (!asks(fact, question)) {
            throw new OpsException(Exit.CONSENT, fact, interactive() ? "You answered no." : "To continue: " + option);
        }
    }

    /** Returns whether a file descriptor of this process is a terminal. */
    public static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException noProc) {
            return System.console() != null;
        }
    }

    private static int visible(String text) {
        return text.replaceAll("\u001b\\[[0-9;]*m", "").length();
    }

    /** Breaks lines between words. Escape sequences of colours have no width. */
    static String wrapped(String text, int columns) {
        var result = new StringBuilder();
        for (String paragraph : text.split("\n")) {
            String indent = paragraph.substring(0, paragraph.length() - paragraph.stripLeading().length());
            int column = 0;
            for (String word : paragraph.strip().split(" ")) {
                int length = visible(word);
                if (column > 0 && column + 1 + length > columns) {
                    result.append('\n').append(indent.isEmpty() ? "" : indent + "  ");
                    column = indent.isEmpty() ? 0 : indent.length() + 2;
                } else if (column > 0) {
                    result.append(' ');
                    column++;
                } else {
                    result.append(indent);
                    column = indent.length();
                }
                result.append(word);
                column += length;
            }
            result.append('\n');
        }
        return result.substring(0, Math.max(0, result.length() - 1));
    }
}
