import Signal

/// The browser client's files, as they are compiled in from `Assets`, and where its pages are.
enum PageAssets {
    /// `/NAME` is the page on which NAME is watched.
    static let assets = StaticAssets(
        files,
        places: [
            StaticAssets.Place("/u/:name", "dashboard.html"),
            StaticAssets.Place("/u/:name/live", "live.html"),
            StaticAssets.Place("/:name/live", "channel.html"),
            StaticAssets.Place("/embed/:name", "embed.html"),
        ],
        named: "channel.html", framed: ["embed.html"])

    static let files: [String: [UInt8]] = [
        "connection.js": PackageResources.connection_js,
        "data.js": PackageResources.data_js,
        "events.js": PackageResources.events_js,
        "golive-client.js": PackageResources.golive_client_js,
        "icon.svg": PackageResources.icon_svg,
        "index.html": PackageResources.index_html,
        "layers.js": PackageResources.layers_js,
        "page.js": PackageResources.page_js,
        "participants.js": PackageResources.participants_js,
        "publish.html": PackageResources.publish_html,
        "publish.js": PackageResources.publish_js,
        "publisher.js": PackageResources.publisher_js,
        "signal.js": PackageResources.signal_js,
        "stats.js": PackageResources.stats_js,
        "style.css": PackageResources.style_css,
        "subscriber.js": PackageResources.subscriber_js,
        "watch.html": PackageResources.watch_html,
        "watch.js": PackageResources.watch_js,
    ]
}
