import SaleCore

/// A receiver of events, as far as its sender must know it.
package struct WebhookEndpoint: Sendable, Equatable {
    package var name: String
    /// All when `nil`.
    package var types: Set<EventType>?
    /// Events in one request.
    package var batch: Int
    /// Requests at once.
    package var inFlight: Int
    /// How long to wait after each attempt; one more attempt than these are made.
    package var retries: [Duration]

    package init(
        name: String, types: Set<EventType>? = nil, batch: Int = 1, inFlight: Int = 4, retries: [Duration] = WebhookEndpoint.usualRetries
    ) {
        self.name = name
        self.types = types
        self.batch = batch
        self.inFlight = inFlight
        self.retries = retries
    }

    /// As the Standard Webhooks specification proposes: three days, ever more seldom.
    package static let usualRetries: [Duration] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) }

    /// How long to wait after attempt number `attempt`, counted from 1; `nil` when it was the last.
    /// Spread by a fifth up and down, so that what failed together does not come back together.
    func wait(after attempt: Int, _ random: () -> UInt64) -> Duration? {
        guard attempt <= retries.count else { return nil }
        return Self.spread(retries[attempt - 1], random)
    }

    /// How long to leave the receiver alone once it has refused everything `count` times in a row.
    func pause(after count: Int, _ random: () -> UInt64) -> Duration {
        min(Self.spread(retries[min(count, retries.count) - 1], random), Limits.webhookPauseMax)
    }

    /// Whether a first delivery was answered with delays as often, and for as long, as the schedule
    /// has attempts and time. Where nobody is there, nothing was answered, and it never is.
    func isOver(_ delivery: Delivery, at now: MonotonicInstant) -> Bool {
        guard !delivery.isRetry, let delays = delivery.delays, delays.answers > retries.count else { return false }
        return now >= delays.since.advanced(by: retries.reduce(.zero, +).nanoseconds)
    }

    private static func spread(_ duration: Duration, _ random: () -> UInt64) -> Duration {
        duration * (80 + Int(random() % 41)) / 100
    }
}
