package io.storeit.server;

import io.storeit.server.problem.Exit;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/** Runs the command {@code serve}: a server from its start to SIGTERM or Ctrl-C. */
final class Serving {
    private static final Logger LOG = System.getLogger(Serving.class.getName());

    private Server server;
    private boolean stopping;

    private Serving() {
    }

    /** Returns only when the start fails. Otherwise the process ends here, with 0 after a clean stop. */
    static int untilStopped(Environment environment) throws Exception {
        Config.refuseUnsupported(environment.variables());
        Config config = environment.config();
        LOG.log(Level.INFO, "database: " + config.databaseUrl());
        LOG.log(Level.INFO, "images:   " + config.imageFolder());
        LOG.log(Level.INFO, "STOREIT_AUTH_ISSUER not set — using local auth mode");
        var serving = new Serving();
        // This comes before the start, so that a stop during the start waits for its end and then closes everything.
        onSignals(serving::stop);
        Runtime.getRuntime().addShutdownHook(new Thread(serving::stop, "stop"));
        serving.start(config);
        new CountDownLatch(1).await();
        return Exit.OK.code();
    }

    private synchronized void start(Config config) throws Exception {
        if (!stopping) {
            server = Server.start(config, InstantSource.system());
        }
    }

    private synchronized void stop() {
        stopping = true;
        if (server != null) {
            server.close();
            server = null;
        }
    }

    /**
     * Handles the signals that end a server. The JVM alone would end with 143 on SIGTERM, which service managers take for a
     * failure, and would close the log before the server has written its last lines.
     */
    private static void onSignals(Runnable stop) {
        for (String name : new String[] {"TERM", "INT"}) {
            sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> {
                stop.run();
                System.exit(Exit.OK.code());
            });
        }
    }
}
