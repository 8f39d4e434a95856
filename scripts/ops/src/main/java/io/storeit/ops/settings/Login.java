package io.storeit.ops.settings;

import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Holds a user name and its password. They are read or asked for only once a run. */
public record Login(String username, String password) {
    private static Login known;

    /** Reads the password from the first line of a file. @param file null for standard input */
    static synchronized Login read(String username, Path file) {
        if (known != null) return known;
        try (InputStream in = file == null ? null : Files.newInputStream(file)) {
            known = new Login(username, firstLine(in == null ? System.in : in));
            return known;
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot read the password file " + file + ": " + Reasons.withFile(failure), "", failure);
        }
    }

    /** Asks on the terminal; empty if there is none. @param username null to ask for it too */
    static synchronized Optional<Login> ask(String url, String username) {
        if (known != null) return Optional.of(known);
        if (!Console.isTerminal(0) || !Console.isTerminal(2)) return Optional.empty();
        String name = username != null ? username : answer("Administrator at " + url + ": ");
        if (name.isEmpty()) return Optional.empty();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> echo(true)));
        echo(false);
        try {
            known = new Login(name, answer("Password of " + name + ": "));
            return Optional.of(known);
        } finally {
            echo(true);
            System.err.println();
        }
    }

    private static String answer(String question) {
        System.err.print(question);
        System.err.flush();
        try {
            return firstLine(System.in).strip();
        } catch (IOException noAnswer) {
            return "";
        }
    }

    /** Reads byte by byte, because what follows the line answers the next question. */
    private static String firstLine(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) line.write(next);
        return line.toString(StandardCharsets.UTF_8).replaceFirst("\r$", "");
    }

    /** Switches the echo of the terminal. Java's own way fails when standard output is a pipe. */
    private static void echo(boolean shown) {
        try {
            new ProcessBuilder("stty", shown ? "echo" : "-echo").inheritIO().start().waitFor();
        } catch (IOException noSuchProgram) {
            // then the password is shown
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
