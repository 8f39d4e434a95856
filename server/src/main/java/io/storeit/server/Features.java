package io.storeit.server;

import io.storeit.server.api.ApiRoutes;
import io.storeit.server.backup.BackupRoutes;
import io.storeit.server.container.ContainerRoutes;
import io.storeit.server.group.GroupRoutes;
import io.storeit.server.identify.IdentifyRoutes;
import io.storeit.server.item.ItemRoutes;
import io.storeit.server.location.LocationRoutes;
import io.storeit.server.metrics.MetricsRoutes;
import io.storeit.server.photo.PhotoRoutes;
import io.storeit.server.search.SearchRoutes;
import io.storeit.server.settings.SettingsRoutes;
import io.storeit.server.system.SystemRoutes;
import io.storeit.server.tag.TagRoutes;
import io.storeit.server.user.AuthRoutes;
import io.storeit.server.user.UserRoutes;
import io.storeit.server.web.WebRoot;
import java.util.Optional;

/** The handlers of every feature, which {@link Routes} gives their URLs. */
record Features(
        SystemRoutes system,
        AuthRoutes auth,
        UserRoutes users,
        GroupRoutes groups,
        SettingsRoutes settings,
        BackupRoutes backups,
        LocationRoutes locations,
        ContainerRoutes containers,
        ItemRoutes items,
        SearchRoutes search,
        TagRoutes tags,
        IdentifyRoutes identify,
        PhotoRoutes photos,
        ApiRoutes api,
        MetricsRoutes metrics,
        Optional<WebRoot> web) {
}
