import SaleCore

/// A page of the storefront as the service sends it: what is known without a script, and where the
/// script finds its places.
struct StorefrontPage {
    /// Nothing from elsewhere, nothing inline, and no text becomes markup.
    static let contentSecurityPolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'
        """

    var language: StorefrontLanguage
    /// Links keep a language that was asked for.
    var isLanguageAsked: Bool
    /// Buyers and payments are made up.
    var isDemo: Bool
    var now: Timestamp

    // MARK: Pages

    func sales(_ sales: [(sale: Sale, phase: SalePhase)]) -> String {
        let groups = [("running", [SalePhase.open, .soldOut]), ("paused", [.paused]), ("coming", [.notStarted]), ("ended", [.closed])]
        let sections = groups.compactMap { name, phases -> String? in
            let rows = sales.filter { phases.contains($0.phase) }.map { row($0.sale, $0.phase) }
            guard !rows.isEmpty else { return nil }
            return """
                <section class="group" data-group="\(name)"><h2>\(label(name))</h2><ul class="rows">\(rows.joined())</ul></section>
                """
        }
        let content = sections.isEmpty ? "<p class=\"muted\">\(label("noSales"))</p>" : sections.joined(separator: "\n")
        return document(view: "sales", titleKey: "sales", main: heading("sales") + "<div data-part=\"content\">\(content)</div>")
    }

    func sale(_ sale: Sale, _ phase: SalePhase) -> String {
        let title = HTMLDocument.text(sale.title)
        let main = """
            <p class="phase" data-field="phase">\(language("sale_\(phase.rawValue)"))</p>
            <h1>\(title)</h1>
            <p class="facts">\(opening(of: sale, phase))\(closing(of: sale, phase))</p>
            <div class="countdown" data-field="countdown" hidden><span></span><span role="timer" class="figures"></span></div>
            <ul class="cards">\(sale.items.prefix(Self.cardsMax).map(card).joined(separator: "\n"))</ul>
            <noscript><p>\(language("noScript"))</p></noscript>
            """
        return document(view: "sale", attributes: " data-sale=\"\(sale.id)\"", title: title, main: main)
    }

    func orders() -> String { document(view: "orders", titleKey: "myOrders", main: heading("myOrders") + awaited) }

    func order(_ id: OrderID) -> String {
        document(view: "order", attributes: " data-order=\"\(id)\"", titleKey: "order", main: heading("order") + awaited)
    }

    /// There is nothing at this address.
    func nothing(_ key: String) -> String {
        let (path, text) = key == "unknownOrder" ? ("/orders", "myOrders") : ("/", "toSales")
        let main = "<h1>\(label(key))</h1><p><a href=\"\(link(path))\">\(label(text))</a></p>"
        return document(view: "nothing", titleKey: key, main: main)
    }

    // MARK: Parts

    /// As many as the script shows at first.
    private static let cardsMax = 100

    private func heading(_ key: String) -> String { "<h1>\(label(key))</h1>\n" }

    private var awaited: String {
        "<div data-part=\"content\"><p class=\"muted\">\(label("loading"))</p></div>\n<noscript><p>\(language("noScript"))</p></noscript>"
    }

    /// A text that the script says in its reader's language.
    private func label(_ key: String) -> String { "<span data-text=\"\(key)\">\(language(key))</span>" }

    private func opening(of sale: Sale, _ phase: SalePhase) -> String {
        fact(sale.opensAt > now ? "opensAt" : "openSince", sale.opensAt, isShown: phase != .closed)
    }

    /// One that was closed early does not say when: what is ahead is not told as if it were past.
    private func closing(of sale: Sale, _ phase: SalePhase) -> String {
        fact(phase == .closed ? "endedAt" : "closesAt", sale.closesAt, isShown: phase != .closed || sale.closesAt <= now)
    }

    private func fact(_ key: String, _ instant: Timestamp, isShown: Bool) -> String {
        "<span\(isShown ? "" : " hidden")>\(label(key)) \(time(instant))</span>"
    }

    private func time(_ instant: Timestamp) -> String { "<time datetime=\"\(instant)\">\(instant)</time>" }

    private func link(_ path: String) -> String { isLanguageAsked ? "\(path)?lang=\(language.rawValue)" : path }

    private func row(_ sale: Sale, _ phase: SalePhase) -> String {
        let when = phase == .notStarted ? opening(of: sale, phase) : closing(of: sale, phase)
        return """
            <li data-sale="\(sale.id)" data-state="\(phase.rawValue)"><a href="\(link("/sales/\(sale.id)"))">\
            <span class="row-title">\(HTMLDocument.text(sale.title))</span><span class="row-state"></span><span class="muted">\(when)</span></a></li>
            """
    }

    private func card(_ item: SaleItem) -> String {
        """
        <li class="card" data-sku="\(item.sku)" data-state="loading"><h2>\(HTMLDocument.text(item.title))</h2>\
        <p class="price">\(item.currency.code) \(Money.text(item.unitPrice, item.currency))</p>\
        <div class="stock"><span class="muted">\(language("limitPerUser").replacing("{n}", with: "\(item.limitPerUser)"))</span></div>\
        <div class="act"><button class="buy" data-action="buy" type="button" aria-disabled="true">\(label("loading"))</button></div></li>
        """
    }

    /// - Parameters:
    ///   - title: HTML; a page of which every language has its own has `titleKey` in place of it.
    private func document(view: String, attributes: String = "", title: String? = nil, titleKey: String = "", main: String) -> String {
        let titled = title.map { "<title>\($0)</title>" } ?? "<title data-text=\"\(titleKey)\">\(language(titleKey))</title>"
        let scripts = ["seckill", "dom", "buyer", "parts", "states", language.rawValue] + Self.scripts(of: view)
        let preloads = scripts.map { "<link rel=\"modulepreload\" href=\"\(StorefrontAssets.path(of: "\($0).js"))\">" }
        return """
            <!doctype html>
            <html lang="\(language.tag)" data-view="\(view)"\(attributes)\(isDemo ? " data-demo" : "")>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            \(titled)
            <link rel="icon" href="\(StorefrontAssets.path(of: "icon.svg"))">
            <link rel="stylesheet" href="\(StorefrontAssets.path(of: "app.css"))">
            \(preloads.joined(separator: "\n"))
            <script type="module" src="\(StorefrontAssets.path(of: "page.js"))"></script>
            <body>
            <a class="skip" href="#main">\(label("skip"))</a>
            <header class="top">
            <a class="brand" href="\(link("/"))"><img src="\(StorefrontAssets.path(of: "icon.svg"))" alt="" width="26" height="26">\(label("brand"))</a>
            <nav><a href="\(link("/"))"\(current(view == "sales"))>\(label("sales"))</a>\
            <a href="\(link("/orders"))"\(current(view == "orders"))>\(label("myOrders"))</a></nav>
            <a class="language" data-action="language" href="?lang=\(language.other.rawValue)" lang="\(language.other.tag)">\
            \(label("otherLanguage"))</a>
            </header>
            <main id="main" tabindex="-1">
            \(main)
            </main>
            <p class="unseen" role="status"></p>
            <footer class="line"><span class="line-facts" data-part="line"></span>\(view == "sales" ? linksForPrograms : "")</footer>
            </body>
            </html>
            """
    }

    /// Where everything is, the first page says; who buys has no use for it.
    private var linksForPrograms: String {
        """
        <span class="links"><a href="/openapi.json">\(label("forPrograms"))</a><a href="/problems">\(label("problems"))</a></span>
        """
    }

    private func current(_ isCurrent: Bool) -> String { isCurrent ? " aria-current=\"page\"" : "" }

    private static func scripts(of view: String) -> [String] {
        switch view {
        case "sales": ["sales"]
        case "sale": ["sale", "card"]
        case "orders", "order": ["orders"]
        default: []
        }
    }
}
