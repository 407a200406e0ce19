import NIOCore

/// What the pages load: plain ES modules and a style sheet, as they are written, but without the
/// modules' comments. Their addresses hold a hash of them all, so that a browser keeps them for
/// ever and never mixes two versions.
enum StorefrontAssets {
    struct File: Sendable {
        var type: String
        var body: ByteBuffer
    }

    /// Lines that are nothing but comment are for those who read the sources.
    ///
    /// - Parameter isDocumented: shops take it as it is served, with what it says of its interface.
    private static func script(_ source: [UInt8], isDocumented: Bool = false) -> File {
        let comments = isDocumented ? ["//"] : ["//", "/*", "*"]
        let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).filter { line in
            let text = line.drop { $0 == UInt8(ascii: " ") }
            return !comments.contains { text.starts(with: $0.utf8) }
        }
        return File("text/javascript; charset=utf-8", Array(lines.joined(separator: [UInt8(ascii: "\n")])))
    }

    static let files = [
        "app.css": File("text/css; charset=utf-8", PackageResources.app_css),
        "icon.svg": File("image/svg+xml", PackageResources.icon_svg),
        "seckill.js": script(PackageResources.seckill_js, isDocumented: true),
        "states.js": script(PackageResources.states_js),
        "page.js": script(PackageResources.page_js),
        "dom.js": script(PackageResources.dom_js),
        "buyer.js": script(PackageResources.buyer_js),
        "parts.js": script(PackageResources.parts_js),
        "card.js": script(PackageResources.card_js),
        "sale.js": script(PackageResources.sale_js),
        "sales.js": script(PackageResources.sales_js),
        "orders.js": script(PackageResources.orders_js),
        "en.js": script(PackageResources.en_js),
        "zh.js": script(PackageResources.zh_js),
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
