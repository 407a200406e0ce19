import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1
import Testing

extension Shop {
    /// Makes a sale of one item, `item-a`.
    func makeSale(
        _ name: String, title: String = "A sale", opensAt: String = "2026-01-01T00:00:00Z", payWithin: String = "15m", stock: Int = 5, limit: Int = 1
    ) async throws {
        let file = """
            sale: \(name)
            title: \(title)
            opens_at: \(opensAt)
            closes_at: 2036-01-01T00:00:00Z
            pay_within: \(payWithin)
            items:
              - { sku: item-a, title: Item A, unit_price: 129900, currency: CNY, stock: \(stock), limit_per_user: \(limit) }

            """
        try await seckill("sale apply -f /dev/stdin", input: file)
        // The node has it with its next look at the catalog.
        let isThere = try await eventually(within: .seconds(30)) {
            try await WebClient.shared.execute(.GET, "\(self.address)/v1/sales/\(name)", headers: [], body: nil, timeout: .seconds(10)).status == 200
        }
        #expect(isThere)
    }

    /// How many orders of a sale hold units.
    func liveOrders(of sale: String) async throws -> Int {
        let text = try await seckill("order list --sale \(sale) --state reserved,awaiting_payment,paid -o json")
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require(object?["orders"] as? [Any]).count
    }
}

extension Date {
    /// In so many seconds, to the second.
    static func inSeconds(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: (Date.now.timeIntervalSince1970 + seconds).rounded(.up)).ISO8601Format()
    }
}

/// What a buyer does on a sale's page.
extension Browser {
    static let card = "document.querySelector('[data-sku]')"
    static let button = "document.querySelector('[data-action=buy]')"
    /// As people and assistive technology are told that it can be pressed.
    static let isLit = "(b => b && !b.disabled && !b.hasAttribute('aria-disabled') && !b.hasAttribute('aria-busy'))(\(button))"

    /// Chromium writes a line of its own for every status from 400 on, which a page cannot keep
    /// back.
    static func statuses(_ codes: Int...) -> [String] { codes.map { "the server responded with a status of \($0)" } }
    static let lost = ["net::ERR_"]

    func waitForState(_ state: String, within patience: Duration = .seconds(25), _ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await waits(for: "\(Self.card)?.dataset.state === '\(state)'", within: patience, sourceLocation)
    }

    /// From now on every state of the card is kept, however short it is.
    func recordStates() async throws {
        try await waits(for: Self.card)
        try await run(
            """
            window.states = [];
            new MutationObserver(() => window.states.at(-1) === \(Self.card).dataset.state || window.states.push(\(Self.card).dataset.state))
                .observe(\(Self.card), { attributes: true, attributeFilter: ["data-state"] });
            """)
    }

    var recordedStates: [String] {
        get async throws { try await run("return window.states") as? [String] ?? [] }
    }

    /// Marks when the browser got the next click, when the card says "sending", and when that was
    /// painted.
    func markClickAndSending() async throws {
        try await run(
            """
            const card = \(Self.card);
            document.addEventListener("click", event => performance.mark("click", { startTime: event.timeStamp }), { capture: true, once: true });
            new MutationObserver((_, observer) => {
                if (card.dataset.state !== "sending") return;
                observer.disconnect();
                performance.mark("sending");
                requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("painted")));
            }).observe(card, { attributes: true, attributeFilter: ["data-state"] });
            """)
    }

    /// Milliseconds from the click to "sending", and to its paint.
    var marksAfterClick: [Double] {
        get async throws {
            try await waits(for: "performance.getEntriesByName('painted').length")
            return try await run("return ['sending', 'painted'].map(name => Math.round(performance.measure(name, 'click', name).duration * 10) / 10)")
                as? [Double] ?? []
        }
    }

    func press(_ action: String) async throws {
        try await click("[data-action=\(action)]")
    }
}
