import NIOCore

/// What the pages load: plain ES modules and a style sheet, as they are written. Their addresses
/// hold a hash of them all, so that a browser keeps them for ever and never mixes two versions.
enum StorefrontAssets {
    struct File: Sendable {
        var type: String
        var body: ByteBuffer
    }

    private static let script = "text/javascript; charset=utf-8"

    static let files = [
        "app.css": File("text/css; charset=utf-8", PackageResources.app_css),
        "icon.svg": File("image/svg+xml", PackageResources.icon_svg),
        "seckill.js": File(script, PackageResources.seckill_js),
        "states.js": File(script, PackageResources.states_js),
        "page.js": File(script, PackageResources.page_js),
        "dom.js": File(script, PackageResources.dom_js),
        "buyer.js": File(script, PackageResources.buyer_js),
        "parts.js": File(script, PackageResources.parts_js),
        "card.js": File(script, PackageResources.card_js),
        "sale.js": File(script, PackageResources.sale_js),
        "sales.js": File(script, PackageResources.sales_js),
        "orders.js": File(script, PackageResources.orders_js),
        "en.js": File(script, PackageResources.en_js),
        "zh.js": File(script, PackageResources.zh_js),
    ]

    static let hash: String = {
        var hash = ContentHash()
        for (name, file) in files.sorted(by: { $0.key < $1.key }) {
            hash.add(name)
            hash.add(file.body.readableBytesSpan)
        }
        return hash.text
    }()

    static func path(of name: String) -> String { "/assets/\(hash)/\(name)" }
}

extension StorefrontAssets.File {
    fileprivate init(_ type: String, _ bytes: [UInt8]) {
        self.init(type: type, body: ByteBuffer(bytes: bytes))
    }
}
