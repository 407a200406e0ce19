/// What all lanes of a node share.
struct LaneNode: Sendable {
    let queue: OrderQueue
    let admission: Admission
    let replays: ReplayLookup
    let unknowns: UnknownOrders
    let errands: LaneErrands
    let refreshes: RefreshRequests
    let context: ServiceContext
}
