package io.storeit.scripts;

import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The page of all commands and options, made of the command lines of the two built executables. */
@Tag("once")
@Tag("generated")
class CommandLineReferenceTest {

    @Test
    void thePageHasEveryCommandWithItsOwnOptions() throws Exception {
        var page = new StringBuilder("""
                # Command lines

                This page lists every command of the two programs with its own options. Options that all commands of a program share are listed
                once, below the program. `make prepare` makes the page from the programs.
                """);
        program(page, model("storeit-ctl", "io.storeit.ctl.StoreitCtl"), "Options can precede or follow the command.");
        program(page, model("storeit-server", "io.storeit.server.Main"), "Without a command it serves. [Settings](settings.md#storeit-server) lists its environment variables.");
        Generated.assertUpToDate("docs/command-line.md", page.toString());
    }

    private static void program(StringBuilder page, CommandSpec root, String note) {
        List<CommandSpec> commands = root.subcommands().values().stream().map(CommandLine::getCommandSpec)
                .filter(command -> !command.usageMessage().hidden()).toList();
        Set<String> shared = optionsOfAll(commands);

        page.append("\n## ").append(root.name()).append("\n\n").append(description(root)).append(' ').append(note).append('\n');
        code(page, root.name() + " COMMAND [OPTION...]");
        table(page, "Option", root.options().stream().filter(option -> !option.hidden()).toList());
        page.append("\n| Exit code | Meaning |\n|---|---|\n");
        root.usageMessage().exitCodeList().forEach((code, meaning) -> page.append("| ").append(code.strip()).append(" | ").append(escaped(meaning)).append(" |\n"));

        for (CommandSpec command : commands) {
            List<OptionSpec> own = command.options().stream().filter(option -> !option.hidden() && !shared.contains(option.longestName())).toList();
            page.append("\n## ").append(command.qualifiedName()).append("\n\n").append(description(command)).append('\n');
            code(page, Stream.concat(Stream.of(command.qualifiedName(), own.isEmpty() ? "" : "[OPTION...]"), command.positionalParameters().stream()
                    .map(argument -> inSynopsis(argument, argument.paramLabel()))).filter(word -> !word.isEmpty()).collect(Collectors.joining(" ")));
            table(page, "Argument", command.positionalParameters());
            table(page, "Option", own);
        }
    }

    /** The longest names of the options that every command takes. */
    private static Set<String> optionsOfAll(List<CommandSpec> commands) {
        Set<String> shared = null;
        for (CommandSpec command : commands) {
            if (command.userObject() instanceof CommandLine.HelpCommand) {
                continue;
            }
            Set<String> taken = command.options().stream().map(OptionSpec::longestName).collect(Collectors.toCollection(TreeSet::new));
            if (shared == null) {
                shared = taken;
            } else {
                shared.retainAll(taken);
            }
        }
        return shared;
    }

    private static String inSynopsis(ArgSpec argument, String label) {
        String repeated = label + (argument.arity().max() > 1 ? "..." : "");
        return argument.arity().min() == 0 ? "[" + repeated + "]" : repeated;
    }

    private static void code(StringBuilder page, String line) {
        page.append("\n```\n").append(line).append("\n```\n");
    }

    private static void table(StringBuilder page, String title, List<? extends ArgSpec> arguments) {
        if (arguments.isEmpty()) {
            return;
        }
        page.append("\n| ").append(title).append(" | Meaning |\n|---|---|\n");
        for (ArgSpec argument : arguments) {
            page.append("| `").append(escaped(names(argument))).append("` | ").append(escaped(description(argument))).append(" |\n");
        }
    }

    private static String names(ArgSpec argument) {
        if (argument instanceof OptionSpec option) {
            String value = option.arity().max() > 0 ? " " + option.paramLabel() : "";
            return Arrays.stream(option.names()).sorted((one, other) -> one.length() - other.length()).map(name -> name + value).collect(Collectors.joining("`, `"));
        }
        return argument.paramLabel();
    }

    private static String description(ArgSpec argument) {
        return String.join(" ", argument.description()).replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValue())).replace("%%", "%");
    }

    private static String description(CommandSpec command) {
        return String.join(" ", command.usageMessage().description()).replace("%n", "");
    }

    /** For a cell of a table. */
    private static String escaped(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;");
    }

    /** The command line of a program, of the program's own classes; only the parser's are those of this test. */
    private static CommandSpec model(String program, String main) throws Exception {
        var jar = new URL[] {Shell.ROOT.resolve("target").resolve(program).toUri().toURL()};
        var loader = new URLClassLoader(jar, new ParserOnly());
        Method factory = Stream.of(loader.loadClass(main).getDeclaredMethods()).filter(method -> method.getName().equals("commandLine")).findFirst().orElseThrow();
        factory.setAccessible(true);
        var surroundings = new ArrayList<Object>();
        for (Class<?> type : factory.getParameterTypes()) {
            var constructor = type.getDeclaredConstructor(Map.class, Path.class, PrintStream.class, PrintStream.class);
            constructor.setAccessible(true);
            surroundings.add(constructor.newInstance(Map.of(), Path.of(""), System.out, System.err));
        }
        return ((CommandLine) factory.invoke(null, surroundings.toArray())).getCommandSpec();
    }

    private static final class ParserOnly extends ClassLoader {
        ParserOnly() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (!name.startsWith("picocli.")) {
                throw new ClassNotFoundException(name);
            }
            return CommandLine.class.getClassLoader().loadClass(name);
        }
    }
}
