package io.storeit.scripts;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The messages in the main sources, read without compiling them. A message is written as on the pages: its fixed text, and {@code …} for
 * each value that the program fills in.
 */
final class Messages {
    static final String VALUE = "…";

    private static final Pattern EXCEPTION = Pattern.compile("class (\\w+) extends \\w*Exception\\b");
    private static final Pattern TEXT = Pattern.compile("\"[^\"\\\\]*(?:\\\\.[^\"\\\\]*)*\"");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(.)");
    private static final Pattern SHELL_TEXT = Pattern.compile("\"([^\"\n]*)\"");
    private static final Pattern SHELL_VALUE = Pattern.compile("\\$\\{[^}]*}|\\$\\w+|@\\w+@");

    private final List<String> sources = new ArrayList<>();
    private final List<String> scripts = new ArrayList<>();

    /** Reads the tool, every module's main code, and the scripts that people run in their place. */
    Messages(Path checkout) throws IOException {
        Files.walkFileTree(checkout, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return Set.of(".git", "target", "test").contains(folder.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (file.toString().endsWith(".java") && file.toString().contains("/src/main/java/")) {
                    sources.add(Files.readString(file));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        sources.add(Files.readString(checkout.resolve("storeit-ctl.java")));
        for (String script : List.of("scripts/launch-stub.sh", "compose/docker-entrypoint.sh")) {
            scripts.add(Files.readString(checkout.resolve(script)));
        }
    }

    /** Every text that any of the sources could print. */
    Set<String> all() {
        var found = new TreeSet<String>();
        for (String source : sources) {
            for (int at = 0; at < source.length(); at = endOfToken(source, at)) {
                if (source.charAt(at) == '"') {
                    found.addAll(texts(source.substring(at, endOfOperands(source, at))));
                }
            }
        }
        for (String script : scripts) {
            SHELL_TEXT.matcher(script).results().forEach(text -> found.add(SHELL_VALUE.matcher(text.group(1)).replaceAll(VALUE)));
        }
        return found;
    }

    /**
     * The messages of the exceptions that carry a hint, as far as their text stands where they are made: of their constructors and of their
     * static methods, whichever argument is the parameter {@code message}.
     */
    Set<String> ofExceptions() {
        var found = new TreeSet<String>();
        for (String source : sources) {
            for (Matcher declared = EXCEPTION.matcher(source); declared.find();) {
                for (Maker maker : makers(declared.group(1), source)) {
                    sources.stream().filter(caller -> !maker.ofItsOwnOnly() || caller == source).forEach(caller -> found.addAll(maker.messages(caller)));
                }
            }
        }
        found.removeIf(text -> letters(text) < 3);
        return found;
    }

    static long letters(String text) {
        return text.chars().filter(Character::isLetter).count();
    }

    /**
     * What makes an exception: one of its constructors or static methods.
     *
     * @param message which of its parameters is the message
     * @param ofItsOwnOnly whether only the source of the exception may call it; a class of that name elsewhere is another one
     */
    private record Maker(Pattern call, int message, boolean ofItsOwnOnly) {
        List<String> messages(String source) {
            var found = new ArrayList<String>();
            for (Matcher made = call.matcher(source); made.find();) {
                List<String> arguments = arguments(source, made.end());
                if (message < arguments.size()) {
                    found.addAll(texts(arguments.get(message)));
                }
            }
            return found;
        }
    }

    private static List<Maker> makers(String exception, String source) {
        var makers = new ArrayList<Maker>();
        boolean carriesAHint = Pattern.compile("\\b" + exception + "\\([^)]*String hint").matcher(source).find();
        Matcher declaration = Pattern.compile("(private )?(?:static " + exception + " (\\w+)|(?<!new )\\b" + exception + ")\\(([^)]*)\\)\\s*\\{").matcher(source);
        while (carriesAHint && declaration.find()) {
            int message = List.of(declaration.group(3).split("\\s*,\\s*")).indexOf("String message");
            String method = declaration.group(2);
            if (message >= 0 && method == null) {
                makers.add(new Maker(Pattern.compile("new " + exception + "\\("), message, declaration.group(1) != null));
            } else if (message >= 0) {
                makers.add(new Maker(Pattern.compile("\\b" + exception + "\\." + method + "\\("), message, false));
                makers.add(new Maker(Pattern.compile("return " + method + "\\("), message, true));
            }
        }
        return makers;
    }

    /** The texts of an expression: one, or one for each branch of a choice in it. Without any fixed text there is none. */
    private static List<String> texts(String expression) {
        return branches(expression).stream().map(text -> text.replaceAll("%[,.0-9]*[sdf]", VALUE).replaceAll(VALUE + "+", VALUE))
                .filter(text -> letters(text) > 0).distinct().toList();
    }

    private static List<String> branches(String expression) {
        var all = new ArrayList<String>();
        for (String choice : split(expression, ":")) {
            List<String> parts = split(choice, "?");
            List<String> begun = List.of("");
            for (String operand : split(parts.get(parts.size() - 1), "+")) {
                List<String> next = operand(operand.strip());
                begun = begun.stream().flatMap(text -> next.stream().map(text::concat)).toList();
            }
            all.addAll(begun);
        }
        return all;
    }

    private static List<String> operand(String operand) {
        if (TEXT.matcher(operand).matches()) {
            return List.of(unescaped(operand));
        }
        boolean inBrackets = operand.startsWith("(") && endOfGroup(operand, 0) == operand.length();
        return inBrackets ? branches(operand.substring(1, operand.length() - 1)) : List.of(VALUE);
    }

    private static String unescaped(String literal) {
        return ESCAPE.matcher(literal.substring(1, literal.length() - 1)).replaceAll(escape -> "nt".contains(escape.group(1)) ? " " : Matcher.quoteReplacement(escape.group(1)));
    }

    /** The arguments of a call, from behind its opening bracket. */
    private static List<String> arguments(String source, int from) {
        int end = from;
        while (source.charAt(end) != ')') {
            end = endOfGroup(source, end);
        }
        return split(source.substring(from, end), ",");
    }

    /** Splits at any of these characters, where they stand neither in brackets nor in a text. */
    private static List<String> split(String expression, String separators) {
        var parts = new ArrayList<String>();
        int start = 0;
        for (int at = 0; at < expression.length(); at = endOfGroup(expression, at)) {
            if (separators.indexOf(expression.charAt(at)) >= 0) {
                parts.add(expression.substring(start, at));
                start = at + 1;
            }
        }
        parts.add(expression.substring(start));
        return parts;
    }

    /** From a literal on, as long as operands are added to it. */
    private static int endOfOperands(String source, int at) {
        int end = at;
        while (end < source.length() && ",;?:)]}".indexOf(source.charAt(end)) < 0) {
            end = endOfGroup(source, end);
        }
        return end;
    }

    /** A bracket with what is in it, or else a token. */
    private static int endOfGroup(String source, int at) {
        if ("([{".indexOf(source.charAt(at)) < 0) {
            return endOfToken(source, at);
        }
        int end = at + 1;
        while (end < source.length() && ")]}".indexOf(source.charAt(end)) < 0) {
            end = endOfGroup(source, end);
        }
        return end + 1;
    }

    /** A literal, a comment, or else one character. */
    private static int endOfToken(String source, int at) {
        if (source.startsWith("//", at)) {
            return endOf(source, "\n", at + 2);
        }
        if (source.startsWith("/*", at)) {
            return endOf(source, "*/", at + 2);
        }
        if (source.startsWith("\"\"\"", at)) {
            return endOf(source, "\"\"\"", at + 3);
        }
        char first = source.charAt(at);
        if (first == '"' || first == '\'') {
            int end = at + 1;
            while (source.charAt(end) != first) {
                end += source.charAt(end) == '\\' ? 2 : 1;
            }
            return end + 1;
        }
        return at + 1;
    }

    private static int endOf(String source, String what, int from) {
        int found = source.indexOf(what, from);
        return found < 0 ? source.length() : found + what.length();
    }
}
