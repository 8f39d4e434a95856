package io.storeit.server;

import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.interchange.sqlite.SearchIndex;
import io.storeit.server.api.ApiRoutes;
import io.storeit.server.backup.BackupRoutes;
import io.storeit.server.backup.Jobs;
import io.storeit.server.backup.Restore;
import io.storeit.server.backup.WorkFolder;
import io.storeit.server.container.ContainerRepository;
import io.storeit.server.container.ContainerRoutes;
import io.storeit.server.db.Database;
import io.storeit.server.db.FreshDatabase;
import io.storeit.server.entity.Attachments;
import io.storeit.server.group.GroupRepository;
import io.storeit.server.group.GroupRoutes;
import io.storeit.server.http.Arrival;
import io.storeit.server.http.ErrorHandler;
import io.storeit.server.http.Request;
import io.storeit.server.http.RequestLog;
import io.storeit.server.http.Router;
import io.storeit.server.http.SecurityHeaders;
import io.storeit.server.identify.IdentifyRoutes;
import io.storeit.server.item.ItemRepository;
import io.storeit.server.item.ItemRoutes;
import io.storeit.server.location.LocationRepository;
import io.storeit.server.location.LocationRoutes;
import io.storeit.server.metrics.Metrics;
import io.storeit.server.metrics.MetricsRoutes;
import io.storeit.server.metrics.Sizes;
import io.storeit.server.photo.ImageFolder;
import io.storeit.server.photo.PhotoRepository;
import io.storeit.server.photo.PhotoRoutes;
import io.storeit.server.photo.PhotoVariants;
import io.storeit.server.photo.RemovedImages;
import io.storeit.server.photo.StorageMigration;
import io.storeit.server.problem.Problem;
import io.storeit.server.search.SearchRepository;
import io.storeit.server.search.SearchRoutes;
import io.storeit.server.settings.SettingsRoutes;
import io.storeit.server.system.SystemRoutes;
import io.storeit.server.system.TokenFile;
import io.storeit.server.system.UpgradeGate;
import io.storeit.server.system.Writes;
import io.storeit.server.tag.TagRepository;
import io.storeit.server.tag.TagRoutes;
import io.storeit.server.user.AuthRoutes;
import io.storeit.server.user.SessionRepository;
import io.storeit.server.user.Sessions;
import io.storeit.server.user.UserRepository;
import io.storeit.server.user.UserRoutes;
import io.storeit.server.web.WebRoot;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.handlers.GracefulShutdownHandler;
import io.undertow.server.handlers.HttpContinueReadHandler;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The running server. It builds every object, listens, and closes everything again. The order of the start matters: it inspects
 * the database without changing a byte, takes its lock, and only then opens it.
 */
public final class Server implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Server.class.getName());

    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int LONGEST_HEAD_BYTES = 64 * 1024;
    /** Running requests, jobs and threads get these times to end; a stop must be done within two seconds. */
    private static final Duration REQUESTS_END = Duration.ofMillis(700);
    private static final Duration JOBS_END = Duration.ofMillis(500);
    private static final int THREADS_END_MILLIS = 300;

    private final Config config;
    private final Locks.Held lock;
    private final UpgradeGate upgrade;
    private final Database database;
    private final Jobs jobs;
    private final Threads threads;
    private final RemovedImages removedImages;
    private final TokenFile token;
    private final Metrics metrics;
    private final Router router;
    private final GracefulShutdownHandler requests;
    private Undertow http;
    private boolean closed;

    private Server(Config config, Locks.Held lock, Optional<WebRoot> web, InstantSource clock) {
        Path file = config.paths().database();
        this.config = config;
        this.lock = lock;
        var work = new WorkFolder(file);
        work.empty();
        upgrade = UpgradeGate.of(file);
        var writes = new Writes(upgrade);
        database = Database.open(file, writes);
        var images = new ImageFolder(config.imageFolder(), config.imageFolderFixed());
        token = new TokenFile(file);
        metrics = new Metrics(new Sizes(file, images, clock));
        jobs = new Jobs(work, clock, metrics::ended);
        threads = Threads.start();
        removedImages = new RemovedImages(database, images, jobs::busy, clock);
        var users = new UserRepository(database, clock);
        var storedSessions = new SessionRepository(database, clock);
        var sessions = new Sessions(storedSessions, token, config.sessionLifetime(), clock);
        var photos = new PhotoRepository(database, removedImages, clock);
        var tags = new TagRepository(database, clock);
        Attachments attachments = photos.and(tags::unassignAll);
        var restore = new Restore(database, writes, images, removedImages, new FreshDatabase(), config.sessionLifetime(), clock);
        router = Routes.of(sessions, threads, new Features(
                new SystemRoutes(database, writes, images),
                new AuthRoutes(users, sessions, clock),
                new UserRoutes(users),
                new GroupRoutes(new GroupRepository(database, clock)),
                new SettingsRoutes(database, images, jobs::busy),
                new BackupRoutes(jobs, restore, new StorageMigration(database, images, removedImages), database, images,
                        config.restoreLimit(), clock),
                new LocationRoutes(new LocationRepository(database, attachments, clock)),
                new ContainerRoutes(new ContainerRepository(database, attachments, clock)),
                new ItemRoutes(new ItemRepository(database, attachments, clock)),
                new SearchRoutes(new SearchRepository(database)),
                new TagRoutes(tags),
                new IdentifyRoutes(),
                new PhotoRoutes(photos, new PhotoVariants(images), images),
                new ApiRoutes(),
                new MetricsRoutes(metrics),
                web));
        requests = new GracefulShutdownHandler(router);
        removedImages.start();
        upgrade.whenOpen(() -> {
            storedSessions.hashPlainOnes();
            config.admin().applyTo(users);
        });
    }

    /**
     * Starts serving.
     *
     * @throws Problem when this build cannot serve the database (nothing is changed then), when another process uses it, or when
     *         the address is in use
     */
    public static Server start(Config config, InstantSource clock) throws IOException {
        Path file = config.paths().database();
        DatabaseInspection.State state = DatabaseInspection.inspect(file);
        Databases.refuseUnlessServable(state, file);
        Optional<WebRoot> web = config.webRoot().map(WebRoot::new);
        createFolder(file.toAbsolutePath().getParent());
        createFolder(config.imageFolder());
        Locks.Held lock = Locks.tryDatabase(file).orElseThrow(() -> Databases.inUse(file));
        try {
            if (state.kind() != DatabaseInspection.Kind.STOREIT) {
                createDatabase(file);
            } else if (!SearchIndex.isThere(file)) {
                LOG.log(Level.WARNING, "the database has no search index, creating one");
                SearchIndex.rebuild(file, state.schemaVersion());
            }
            var server = new Server(config, lock, web, clock);
            try {
                server.listen();
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
            return server;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Creates a database under another name first, so that a crash cannot leave an incomplete one under the real name. */
    private static void createDatabase(Path file) throws IOException {
        Path creating = file.resolveSibling(file.getFileName() + ".creating");
        Files.deleteIfExists(creating);
        try {
            new FreshDatabase().create(creating);
            // An empty file, as some tools leave, has no value, and keeping it under a second name would only confuse.
            Files.deleteIfExists(file);
            DatabaseSwitch.replace(file, creating, null);
        } finally {
            Files.deleteIfExists(creating);
        }
    }

    private static void createFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
    }

    private void listen() throws IOException {
        InetSocketAddress bind = config.bind();
        int stallMillis = (int) config.stallTimeout().toMillis();
        http = Undertow.builder()
                .addHttpListener(bind.getPort(), bind.getHostString())
                .setIoThreads(Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors())))
                .setWorkerThreads(config.workers())
                // Undertow would use one KiB, because this process has little memory.
                .setBufferSize(BUFFER_BYTES)
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, Request.CONNECTION_LIMIT)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, LONGEST_HEAD_BYTES)
                .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, THREADS_END_MILLIS)
                // A client that connects and then sends nothing, or takes nothing of an answer, is disconnected.
                .setServerOption(UndertowOptions.IDLE_TIMEOUT, stallMillis)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, stallMillis)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, stallMillis)
                // Without HttpContinueReadHandler a client that asks before it sends a large body would wait a second in vain.
                .setHandler(new HttpContinueReadHandler(new Arrival(
                        new RequestLog(new SecurityHeaders(ErrorHandler.around(requests)), metrics), BUFFER_BYTES, config.stallTimeout())))
                .build();
        try {
            http.start();
        } catch (RuntimeException e) {
            if (e.getCause() instanceof BindException) {
                throw Problem.refused("cannot listen on " + shown(bind) + ": " + e.getCause().getMessage(),
                        "Stop the process that uses the port, or set STOREIT_BIND to another address.", e);
            }
            throw e;
        }
        token.write(url());
        LOG.log(Level.INFO, "listening on " + shown(address()));
    }

    /** Lists the routes, each as {@code GET /api/v1/items/{id}}. */
    List<String> routes() {
        return router.list();
    }

    /** Returns the address as configured, with the real port. The socket itself would report {@code ::} for {@code 0.0.0.0}. */
    InetSocketAddress address() {
        var bound = (InetSocketAddress) http.getListenerInfo().get(0).getAddress();
        return new InetSocketAddress(config.bind().getAddress(), bound.getPort());
    }

    /** Returns the URL by which a program on this machine reaches the server. */
    String url() {
        InetAddress host = config.bind().getAddress();
        InetSocketAddress reachable = host.isAnyLocalAddress()
                ? new InetSocketAddress(host instanceof Inet6Address ? "::1" : "127.0.0.1", address().getPort())
                : address();
        return "http://" + shown(reachable);
    }

    /** Formats an address as {@code 0.0.0.0:8080} or {@code [::1]:8080}. */
    static String shown(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /**
     * Refuses new requests, lets running ones end, cancels jobs, and leaves the database as one file. It returns within two
     * seconds, because older tools wait no longer.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        requests.shutdown();
        upgrade.close();
        jobs.cancel();
        if (http != null) {
            try {
                if (!requests.awaitShutdown(REQUESTS_END.toMillis())) {
                    LOG.log(Level.WARNING, "a request is still running, the server stops without it");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            http.stop();
        }
        // These are closed from right to left, each also when another one fails.
        try (lock; database; token; removedImages; threads) {
            jobs.close(JOBS_END);
        }
    }
}
