import SaleService
import Synchronization

/// How many live streams a node holds, together and for each address. Who has a place keeps it:
/// whoever had to give way would only come back, and push out the next.
package final class StreamPlaces: Sendable {
    private struct Taken {
        var count = 0
        var byAddress: [String: Int] = [:]
    }

    private let max: Int
    private let perAddressMax: Int
    private let taken = Mutex(Taken())

    /// - Parameter max: 0 holds none.
    package init(max: Int = Limits.streamsMax, perAddressMax: Int = Limits.streamsPerAddressMax) {
        self.max = max
        self.perAddressMax = perAddressMax
    }

    var count: Int { taken.withLock { $0.count } }

    /// Takes a place; `false` when there is none. Whoever got one gives it back by `leave`.
    ///
    /// - Parameter address: `nil` is nobody's.
    func enter(_ address: String?) -> Bool {
        taken.withLock { taken in
            guard taken.count < max else { return false }
            if let address {
                let own = taken.byAddress[address, default: 0]
                guard own < perAddressMax else { return false }
                taken.byAddress[address] = own + 1
            }
            taken.count += 1
            return true
        }
    }

    func leave(_ address: String?) {
        taken.withLock { taken in
            taken.count -= 1
            guard let address, let own = taken.byAddress[address] else { return }
            taken.byAddress[address] = own > 1 ? own - 1 : nil
        }
    }
}
