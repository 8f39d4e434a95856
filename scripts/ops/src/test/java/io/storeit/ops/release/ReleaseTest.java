package io.storeit.ops.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.ops.host.Platform;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which file of a release is for this machine. */
class ReleaseTest {
    /** Names that only look like this machine's are those of another one. */
    @Test
    void aFileForAnotherPlatformIsNotTaken() {
        String name = Platform.assetNames().get(Platform.assetNames().size() - 1);
        var assets = new TreeMap<String, Release.Asset>();
        for (String other : List.of("storeit-server-plan9-x86_64", name.replaceAll("[^-]+$", "sparc"), name + ".sha256", "x" + name, name.toUpperCase(Locale.ROOT))) {
            assets.put(other, new Release.Asset(other, "", 1, null));
        }
        var release = new Release("0.4.0", assets, null);
        assertThatThrownBy(release::requireServer).hasMessage("No matching binary for " + Platform.name() + " in release 0.4.0");
        assets.put(name, new Release.Asset(name, "", 1, null));
        assertThat(release.requireServer().name()).isEqualTo(name);
        // Of two that fit the first wanted one is taken, as by the old tool.
        assets.put(Platform.assetNames().get(0), new Release.Asset(Platform.assetNames().get(0), "", 1, null));
        assertThat(release.requireServer().name()).isEqualTo(Platform.assetNames().get(0));
    }
}
