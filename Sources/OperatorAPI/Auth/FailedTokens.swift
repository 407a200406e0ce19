import SaleCore
import SaleService
import Synchronization

/// Counts tokens that were wrong, per address and minute. Right ones are never refused for it: 32
/// random bytes are not guessed, and whoever shares an operator's address must not shut him out.
final class FailedTokens: Sendable {
    private struct Minute {
        var count = 0
        var beganAt: MonotonicInstant
    }

    static let perMinuteMax = 10
    private static let minute: UInt64 = 60_000_000_000

    private let minutes = Mutex<[String: Minute]>([:])
    private let addressesMax: Int

    /// - Parameter addressesMax: addresses that are remembered; those beyond share one count.
    init(addressesMax: Int = Limits.failedTokenAddressesMax) {
        self.addressesMax = addressesMax
    }

    /// Counts one more of `address`.
    ///
    /// - Returns: whole seconds until it may try again, when that was one too many.
    func count(_ address: String, at now: MonotonicInstant) -> Int? {
        minutes.withLock { minutes in
            if minutes[address] == nil, minutes.count >= addressesMax {
                minutes = minutes.filter { $0.value.beganAt.duration(to: now) < Self.minute }
            }
            let key = minutes[address] == nil && minutes.count >= addressesMax ? "" : address
            var minute = minutes[key] ?? Minute(beganAt: now)
            if minute.beganAt.duration(to: now) >= Self.minute { minute = Minute(beganAt: now) }
            minute.count += 1
            minutes[key] = minute
            guard minute.count > Self.perMinuteMax else { return nil }
            return Int((Self.minute - minute.beganAt.duration(to: now)) / 1_000_000_000) + 1
        }
    }
}
