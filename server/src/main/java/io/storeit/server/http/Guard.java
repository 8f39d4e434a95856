package io.storeit.server.http;

/** Tells who is asking; the router then compares with what the route demands. */
@FunctionalInterface
public interface Guard {
    Caller identify(Request request);
}
