package io.storeit.server;

import io.storeit.server.problem.Exit;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/** The command {@code serve}: a server from its start to SIGTERM or Ctrl-C. */
final class Serving {
    private static final Logger LOG = System.getLogger(Serving.class.getName());

    private Server server;
    private boolean stopping;

    private Serving() {
    }

    /** Returns only when the start fails; otherwise the process ends in here, with 0 after a clean stop. */
    static int untilStopped(Environment environment) throws Exception {
        Config.refuseUnsupported(environment.variables());
        Config config = environment.config();
        LOG.log(Level.INFO, "database: " + config.databaseUrl());
        LOG.log(Level.INFO, "images:   " + config.imageFolder());
        LOG.log(Level.INFO, "STOREIT_AUTH_ISSUER not set — using local auth mode");
        var serving = new Serving();
        // Before the start: a stop that comes in its middle waits for its end and then takes everything down.
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
     * Without handlers of our own the JVM would end with 143 on SIGTERM, which service managers take for a failure, and would
     * shut the log down while the server still has something to say.
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
