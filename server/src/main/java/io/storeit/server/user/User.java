package io.storeit.server.user;

import java.util.List;

/** A user who can log in, as the API shows it. */
record User(String id, String email, String displayName, boolean isAdmin) {

    /** A group of the user; {@code role} is {@code owner} or {@code member}. */
    record Group(String id, String name, String role) {}

    /** The answer to a login and to a request for the current user. */
    record Me(User user, List<Group> groups, String activeGroupId) {}
}
