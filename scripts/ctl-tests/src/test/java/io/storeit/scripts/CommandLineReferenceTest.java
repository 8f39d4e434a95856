package io.storeit.scripts;

import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page with the help of every command, taken out of the two built executables. */
@Tag("once")
@Tag("generated")
class CommandLineReferenceTest {

    @Test
    void thePageHasTheHelpOfEveryCommand() throws Exception {
        var page = new StringBuilder("""
                # Command lines

                What `--help` shows, command by command. Made by `make prepare`.
                """);
        for (var program : Map.of("storeit-ctl", "io.storeit.ctl.StoreitCtl", "storeit-server", "io.storeit.server.Main").entrySet().stream()
                .sorted(Map.Entry.comparingByKey()).toList()) {
            page.append("\n## ").append(program.getKey()).append("\n");
            for (String help : helpOfEveryCommand(program.getKey(), program.getValue())) {
                page.append("\n```\n").append(help).append("```\n");
            }
        }
        Generated.assertUpToDate("docs/command-line.md", page.toString());
    }

    /** Each program has the command line parser among its own classes, so all of this goes by reflection. */
    private static List<String> helpOfEveryCommand(String program, String main) throws Exception {
        var jar = new URL[] {Shell.ROOT.resolve("target").resolve(program).toUri().toURL()};
        try (var loader = new URLClassLoader(jar, ClassLoader.getPlatformClassLoader())) {
            Method factory = null;
            for (Method method : loader.loadClass(main).getDeclaredMethods()) {
                factory = method.getName().equals("commandLine") ? method : factory;
            }
            factory.setAccessible(true);
            var surroundings = new ArrayList<Object>();
            for (Class<?> type : factory.getParameterTypes()) {
                var constructor = type.getDeclaredConstructor(Map.class, Path.class, PrintStream.class, PrintStream.class);
                constructor.setAccessible(true);
                surroundings.add(constructor.newInstance(Map.of(), Path.of(""), System.out, System.err));
            }
            Object parser = factory.invoke(null, surroundings.toArray());
            Class<?> commandLine = loader.loadClass("picocli.CommandLine");
            Class<?> ansi = loader.loadClass("picocli.CommandLine$Help$Ansi");
            Field off = ansi.getField("OFF");
            Method help = commandLine.getMethod("getUsageMessage", ansi);

            var texts = new ArrayList<String>();
            texts.add((String) help.invoke(parser, off.get(null)));
            for (Object command : ((Map<?, ?>) commandLine.getMethod("getSubcommands").invoke(parser)).values()) {
                Object spec = commandLine.getMethod("getCommandSpec").invoke(command);
                Object usage = spec.getClass().getMethod("usageMessage").invoke(spec);
                if (!(boolean) usage.getClass().getMethod("hidden").invoke(usage)) {
                    texts.add((String) help.invoke(command, off.get(null)));
                }
            }
            return texts;
        }
    }
}
