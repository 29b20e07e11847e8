/// The browser client's files, as they are compiled in from `Assets`.
enum PageAssets {
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
