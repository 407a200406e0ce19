import Metrics
import NIOCore

/// Counts and times purchases by outcome; every handle is made once.
package final class PurchaseMetrics: Sendable {
    enum Outcome {
        case committed, reserved, replayed
        case refused(ProblemCode)
    }

    private struct Success: Sendable {
        let counter: Counter
        let timer: Timer

        init(_ outcome: String) {
            counter = Counter(label: "purchases", dimensions: [("outcome", outcome)])
            timer = Timer(label: "purchase_duration", dimensions: [("outcome", outcome)])
        }

        func ended(nanoseconds: UInt64) {
            counter.increment()
            timer.recordNanoseconds(Int64(nanoseconds))
        }
    }

    private let committed = Success("committed")
    private let reserved = Success("reserved")
    private let replayed = Success("replayed")
    private let soldOut: Counter
    private let refused: [ProblemCode: Counter]

    package init() {
        let refused = Dictionary(
            uniqueKeysWithValues: ProblemCode.allCases.map { ($0, Counter(label: "purchases", dimensions: [("outcome", $0.rawValue)])) })
        self.refused = refused
        soldOut = refused[.soldOut]!
    }

    func ended(_ outcome: Outcome, nanoseconds: UInt64) {
        switch outcome {
        case .committed: committed.ended(nanoseconds: nanoseconds)
        case .reserved: reserved.ended(nanoseconds: nanoseconds)
        case .replayed: replayed.ended(nanoseconds: nanoseconds)
        // Most refusals by far, and worth no look into a table.
        case .refused(.soldOut): soldOut.increment()
        case .refused(let code): refused[code]?.increment()
        }
    }
}

extension PurchaseAnswer {
    var outcome: PurchaseMetrics.Outcome {
        switch self {
        case .order(_, _, isReplay: true): .replayed
        case .order(_, let isCommitted, isReplay: false): isCommitted ? .committed : .reserved
        case .problem(let problem): .refused(problem.code)
        }
    }
}
