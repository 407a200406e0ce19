/// The answers, by order and by intention.
struct OrderAnswers: Sendable {
    /// Orders answered 201 → the intention that heard of it first.
    private(set) var committed: [String: Int] = [:]
    /// Orders answered 202 and never 201.
    private(set) var reserved: [String: Int] = [:]
    private(set) var owners: [String: Int] = [:]
    private(set) var ordersOfIntention: [Int: Set<String>] = [:]
    /// Bodies of the 201 answers, of intentions that have a key.
    private(set) var bodiesOfKey: [Int: [String]] = [:]
    /// Orders that two users heard of.
    private(set) var sharedOrders = 0
    /// A request that was sent after a 201 for its key, and answered 202.
    private(set) var stepsBack = 0

    init(intentions: [Intention], log: [BuyerExchange]) {
        var committedAt: [Int: Duration] = [:]
        for exchange in log.sorted(by: { $0.endedAt < $1.endedAt }) {
            guard exchange.hasBought, let answer = exchange.answer, let order = answer.order else { continue }
            let index = exchange.intention
            if let owner = owners[order] {
                if intentions[owner].user != intentions[index].user { sharedOrders += 1 }
            } else {
                owners[order] = index
            }
            ordersOfIntention[index, default: []].insert(order)
            if answer.status == 201 {
                if committed[order] == nil { committed[order] = index }
                reserved[order] = nil
                if intentions[index].key != nil { bodiesOfKey[index, default: []].append(answer.body) }
                if committedAt[index] == nil { committedAt[index] = exchange.endedAt }
            } else {
                if committed[order] == nil { reserved[order] = index }
                if let at = committedAt[index], exchange.sentAt > at, intentions[index].key != nil { stepsBack += 1 }
            }
        }
    }
}
