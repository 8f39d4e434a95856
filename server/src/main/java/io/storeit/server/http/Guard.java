package io.storeit.server.http;

/** Identifies the caller of a request. The router then compares the caller with what the route demands. */
@FunctionalInterface
public interface Guard {
    Caller identify(Request request);
}
