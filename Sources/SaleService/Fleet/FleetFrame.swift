package import SaleCore

/// The whole service at one instant, as far as one node can see it.
package struct FleetFrame: Sendable, Equatable {
    package struct Item: Sendable, Equatable {
        package var sku: SKU
        package var loaded: Int64
        package var committed: Int64
        /// That Redis would still grant; `nil` when it does not hold the item, or does not answer.
        package var available: Int64?
        /// `nil` while nobody has counted them.
        package var ended: EndedUnits?
        /// Postgres has not said for a while what it holds.
        package var isCountOld: Bool

        /// Granted and on their way to Postgres, or given back and on their way to Redis. The two
        /// stores are read one after the other, so that a few may be wrong while units move; when
        /// they were read long after each other, it is not known.
        package var inFlight: Int64? { isCountOld ? nil : available.map { max(0, loaded - committed - $0) } }

        package init(sku: SKU, loaded: Int64, committed: Int64, available: Int64?, ended: EndedUnits?, isCountOld: Bool = false) {
            self.sku = sku
            self.loaded = loaded
            self.committed = committed
            self.available = available
            self.ended = ended
            self.isCountOld = isCountOld
        }
    }

    package struct Sale: Sendable, Equatable {
        package var id: SaleID
        package var phase: SalePhase
        package var status: SaleStatus
        package var version: Int64
        package var epoch: Epoch
        package var isProven: Bool
        /// Nodes that do what operators said of it.
        package var obeyedBy: Int
        package var items: [Item]
        /// Items for which there was no room.
        package var itemsLeftOut: Int

        package init(
            id: SaleID, phase: SalePhase, status: SaleStatus, version: Int64, epoch: Epoch, isProven: Bool, obeyedBy: Int, items: [Item],
            itemsLeftOut: Int
        ) {
            self.id = id
            self.phase = phase
            self.status = status
            self.version = version
            self.epoch = epoch
            self.isProven = isProven
            self.obeyedBy = obeyedBy
            self.items = items
            self.itemsLeftOut = itemsLeftOut
        }
    }

    package var at: Timestamp
    package var nodes: [PacedNode]
    /// Of all nodes, since their processes began: less than before when one has left.
    package var totals: FleetFigures
    package var sales: [Sale]
    /// Of `loaded` and `committed`; `nil` until they were counted.
    package var unitsAgeMilliseconds: Int64?
    /// Of what has ended.
    package var paidAgeMilliseconds: Int64?

    package init(
        at: Timestamp, nodes: [PacedNode], totals: FleetFigures, sales: [Sale], unitsAgeMilliseconds: Int64? = nil, paidAgeMilliseconds: Int64? = nil
    ) {
        self.at = at
        self.nodes = nodes
        self.totals = totals
        self.sales = sales
        self.unitsAgeMilliseconds = unitsAgeMilliseconds
        self.paidAgeMilliseconds = paidAgeMilliseconds
    }
}

/// A node, and what two of its heartbeats say together.
package struct PacedNode: Sendable, Equatable {
    package var heartbeat: NodeHeartbeat
    /// How late its event loops ran what was due: 99 of 100 times no later than this. `nil` until
    /// it was heard of twice.
    package var loopLagSeconds: Double?
    /// Cores that it kept busy.
    package var cores: Double?

    package init(heartbeat: NodeHeartbeat, loopLagSeconds: Double? = nil, cores: Double? = nil) {
        self.heartbeat = heartbeat
        self.loopLagSeconds = loopLagSeconds
        self.cores = cores
    }
}
