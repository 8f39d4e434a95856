package io.storeit.scripts;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** A program for {@link LaunchStubTest} to start: prints how it was started, a line each. */
final class Echo {

    private Echo() {
    }

    public static void main(String[] arguments) {
        if (arguments.length > 0 && arguments[0].equals("__warm")) {
            System.exit(0);
        }
        System.out.println("arguments " + String.join("|", arguments));
        System.out.println("options " + ManagementFactory.getRuntimeMXBean().getInputArguments());
        System.out.println("jar " + System.getProperty("java.class.path"));
        System.out.println("path " + Path.of("Müller"));
        System.exit(arguments.length > 0 && arguments[0].equals("fail") ? 7 : 0);
    }
}
