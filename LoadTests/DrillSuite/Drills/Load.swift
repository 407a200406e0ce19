import FaultSuite
import Foundation
import LoadModel

/// How a drill's buyers come: at a steady rate, whatever they hear, each once.
struct Load: Sendable {
    var perSecond = 60
    var seconds: Double
    /// `nil` keeps connections.
    var purchasesPerConnection: Int?
    /// Without an idempotency key a purchase that somebody sends twice is refused: a buyer gets one
    /// unit.
    var isKeyed = true
    var retry = RetryPolicy.never

    func plan() -> CrowdPlan {
        let count = Int(Double(perSecond) * seconds)
        let intentions = (0..<count).map { index in
            let user = "buyer-\(index)"
            return Intention(
                user: user, key: isKeyed ? "key-\(user)" : nil, arrival: .microseconds(Int64(Double(index) / Double(perSecond) * 1e6)))
        }
        var plan = CrowdPlan(intentions: intentions)
        plan.retry = retry
        plan.purchasesPerConnection = purchasesPerConnection
        return plan
    }
}
