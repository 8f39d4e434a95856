package io.storeit.interchange.base;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;

/**
 * Copies owner, group and mode from one file to another, so that the server's user can use what an administrator's tool creates. Only root
 * can give files away: for everyone else the owner stays, and the mode is carried over where possible.
 */
public final class Ownership {

    private Ownership() {
    }

    public static void copy(Path from, Path to) throws IOException {
        var source = Files.getFileAttributeView(from, PosixFileAttributeView.class);
        var target = Files.getFileAttributeView(to, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (source == null || target == null) {
            return;
        }
        give(from, to);
        target.setPermissions(source.readAttributes().permissions());
    }

    /** Copies owner and group only, for files that have a mode of their own. */
    public static void give(Path from, Path to) throws IOException {
        var source = Files.getFileAttributeView(from, PosixFileAttributeView.class);
        if (source != null && !sameOwner(from, to)) {
            give(source.readAttributes(), to);
        }
    }

    /**
     * Compares owners by number: for a name the system opens its lists of users and groups, which for thousands of files takes longer than
     * all else.
     */
    private static boolean sameOwner(Path from, Path to) throws IOException {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("unix")
                && Files.readAttributes(from, "unix:uid,gid").equals(Files.readAttributes(to, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS));
    }

    private static void give(PosixFileAttributes wanted, Path to) throws IOException {
        var target = Files.getFileAttributeView(to, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        PosixFileAttributes present = target.readAttributes();
        try {
            if (!present.group().equals(wanted.group())) {
                target.setGroup(wanted.group());
            }
            if (!present.owner().equals(wanted.owner())) {
                target.setOwner(wanted.owner());
            }
        } catch (IOException e) {
            if (isRoot()) {
                throw e;
            }
            // Whoever is not root keeps the files they make; they could not have run the server as that user either.
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
