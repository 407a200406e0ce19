import Metrics
import NIOCore
import SaleCore

/// Counts and times purchases by outcome; every handle is made once.
package final class PurchaseMetrics: Sendable {
    enum Outcome {
        case committed, reserved
        case replayed(isCommitted: Bool)
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

    private struct Refusal: Sendable {
        let purchases: Counter
        let requests: Counter

        init(_ code: ProblemCode) {
            purchases = Counter(label: "purchases", dimensions: [("outcome", code.rawValue)])
            requests = RequestCounts.purchases(status: code.status)
        }

        func increment() {
            purchases.increment()
            requests.increment()
        }
    }

    private let committed = Success("committed")
    private let reserved = Success("reserved")
    private let replayed = Success("replayed")
    private let created = RequestCounts.purchases(status: 201)
    private let accepted = RequestCounts.purchases(status: 202)
    private let soldOut: Refusal
    private let refused: [ProblemCode: Refusal]

    package init() {
        let refused = Dictionary(uniqueKeysWithValues: ProblemCode.allCases.map { ($0, Refusal($0)) })
        self.refused = refused
        soldOut = refused[.soldOut]!
    }

    func ended(_ outcome: Outcome, nanoseconds: UInt64) {
        switch outcome {
        case .committed:
            committed.ended(nanoseconds: nanoseconds)
            created.increment()
        case .reserved:
            reserved.ended(nanoseconds: nanoseconds)
            accepted.increment()
        case .replayed(let isCommitted):
            replayed.ended(nanoseconds: nanoseconds)
            (isCommitted ? created : accepted).increment()
        // Most refusals by far, and worth no look into a table.
        case .refused(.soldOut): soldOut.increment()
        case .refused(let code): refused[code]?.increment()
        }
    }
}

extension PurchaseAnswer {
    var outcome: PurchaseMetrics.Outcome {
        switch self {
        case .order(_, let isCommitted, isReplay: true): .replayed(isCommitted: isCommitted)
        case .order(_, let isCommitted, isReplay: false): isCommitted ? .committed : .reserved
        case .problem(let problem): .refused(problem.code)
        }
    }

    var status: Int {
        switch self {
        case .order(_, let isCommitted, _): isCommitted ? 201 : 202
        case .problem(let problem): problem.code.status
        }
    }

    var problemCode: ProblemCode? { if case .problem(let problem) = self { problem.code } else { nil } }
    var orderID: OrderID? { if case .order(let order, _, _) = self { order.id } else { nil } }
}
