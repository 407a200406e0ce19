import NIOCore

/// The files of the console, embedded in the program.
enum ConsoleFiles {
    struct Asset: Sendable {
        var type: String
        var body: ByteBuffer
    }

    /// By the names that the page and its modules know them by.
    static let assets: [String: Asset] = [
        "actions.js": script(PackageResources.actions_js), "api.js": script(PackageResources.api_js), "charts.js": script(PackageResources.charts_js),
        "console.css": Asset(type: "text/css; charset=utf-8", body: ByteBuffer(bytes: PackageResources.console_css)),
        "console.js": script(PackageResources.console_js), "dom.js": script(PackageResources.dom_js), "events.js": script(PackageResources.events_js),
        "figures.js": script(PackageResources.figures_js), "format.js": script(PackageResources.format_js),
        "history.js": script(PackageResources.history_js),
        "icon.svg": Asset(type: "image/svg+xml", body: ByteBuffer(bytes: PackageResources.icon_svg)),
        "keys.js": script(PackageResources.keys_js), "language.js": script(PackageResources.language_js),
        "live.js": script(PackageResources.live_js), "metrics.js": script(PackageResources.metrics_js), "nodes.js": script(PackageResources.nodes_js),
        "order.js": script(PackageResources.order_js), "orders.js": script(PackageResources.orders_js),
        "overview.js": script(PackageResources.overview_js), "panels.js": script(PackageResources.panels_js),
        "picker.js": script(PackageResources.picker_js), "sale.js": script(PackageResources.sale_js),
        "sentences.js": script(PackageResources.sentences_js),
        "settings.js": script(PackageResources.settings_js), "stores.js": script(PackageResources.stores_js),
        "transit.js": script(PackageResources.transit_js), "units.js": script(PackageResources.units_js),
        "words.js": script(PackageResources.words_js),
    ]

    /// Part of each file's address: another program's files are other files, so that caches keep
    /// each for ever.
    static let hash: String = {
        let contents = assets.sorted { $0.key < $1.key }.map { "\($0.key)\n\(String(buffer: $0.value.body))" }
        return String(OperatorToken.hexadecimalDigest(of: contents.joined()).prefix(16))
    }()

    private static let template = String(decoding: PackageResources.console_html, as: UTF8.self).replacing("{hash}", with: hash)

    static func page(readsAlone: Bool) -> ByteBuffer {
        ByteBuffer(string: template.replacing("{reads-alone}", with: readsAlone ? "true" : "false"))
    }

    private static func script(_ bytes: [UInt8]) -> Asset { Asset(type: "text/javascript; charset=utf-8", body: ByteBuffer(bytes: bytes)) }
}
