// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	// Registered, so that Any fields of these types can be written in proto JSON.
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/retry/host/previous_hosts/v3"
)

const (
	nodeID        = "oracle"
	answerTimeout = 5 * time.Second
)

var errNoAnswer = errors.New("Envoy did not answer to the update")

// verdict is Envoy's answer to one version of one type.
type verdict struct {
	typeURL, version, nack string
}

type controlPlane struct {
	echoPort  int
	snapshots cache.SnapshotCache
	verdicts  chan verdict

	pushing  sync.Mutex // one table at a time
	version  int
	clusters map[string]types.Resource

	mu   sync.Mutex
	sent map[string]string // type and nonce -> version
}

func newControlPlane(echoPort int) *controlPlane {
	return &controlPlane{
		echoPort:  echoPort,
		snapshots: cache.NewSnapshotCache(true, cache.IDHash{}, nil),
		verdicts:  make(chan verdict, 1024),
		clusters:  map[string]types.Resource{},
		sent:      map[string]string{},
	}
}

func (p *controlPlane) serve(listener net.Listener) error {
	callbacks := server.CallbackFuncs{
		StreamRequestFunc: func(_ int64, request *discovery.DiscoveryRequest) error {
			p.answered(request)
			return nil
		},
		StreamResponseFunc: func(_ context.Context, _ int64, _ *discovery.DiscoveryRequest,
			response *discovery.DiscoveryResponse) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.sent[response.TypeUrl+" "+response.Nonce] = response.VersionInfo
		},
	}
	rpc := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(rpc,
		server.NewServer(context.Background(), p.snapshots, callbacks))
	return rpc.Serve(listener)
}

func (p *controlPlane) answered(request *discovery.DiscoveryRequest) {
	if request.ResponseNonce == "" {
		return
	}
	key := request.TypeUrl + " " + request.ResponseNonce
	p.mu.Lock()
	version, known := p.sent[key]
	delete(p.sent, key)
	p.mu.Unlock()
	if known {
		p.verdicts <- verdict{request.TypeUrl, version, request.GetErrorDetail().GetMessage()}
	}
}

// publish serves the table and the clusters it names; nack is empty when Envoy took it.
func (p *controlPlane) publish(ctx context.Context, table *route.RouteConfiguration) (
	nack string, err error) {
	p.pushing.Lock()
	defer p.pushing.Unlock()
	p.version++
	version := strconv.Itoa(p.version)
	await := map[string]bool{resource.RouteType: true}
	if p.addClusters(table) {
		await[resource.ClusterType] = true
	}
	table.Name = nodeID
	table.ResponseHeadersToAdd = append(table.ResponseHeadersToAdd,
		reveal("x-oracle-cluster", "%UPSTREAM_CLUSTER%"), reveal("x-oracle-route", "%ROUTE_NAME%"))
	clusters := make([]types.Resource, 0, len(p.clusters))
	for _, c := range p.clusters {
		clusters = append(clusters, c)
	}
	snapshot, err := cache.NewSnapshot(version, map[resource.Type][]types.Resource{
		resource.RouteType: {table}, resource.ClusterType: clusters})
	if err != nil {
		return "", err
	}
	if err := p.snapshots.SetSnapshot(ctx, nodeID, snapshot); err != nil {
		return "", err
	}
	return p.await(version, await)
}

func (p *controlPlane) await(version string, open map[string]bool) (nack string, err error) {
	timeout := time.After(answerTimeout)
	for len(open) > 0 {
		select {
		case v := <-p.verdicts:
			if v.version == version && open[v.typeURL] {
				delete(open, v.typeURL)
				nack += v.nack
			}
		case <-timeout:
			return "", errNoAnswer
		}
	}
	return nack, nil
}

// addClusters makes every cluster that the table names known; whether any of them is new.
func (p *controlPlane) addClusters(table *route.RouteConfiguration) bool {
	before := len(p.clusters)
	for _, host := range table.VirtualHosts {
		for _, r := range host.Routes {
			p.addCluster(r.GetRoute().GetCluster())
			for _, weighted := range r.GetRoute().GetWeightedClusters().GetClusters() {
				p.addCluster(weighted.Name)
			}
		}
	}
	return len(p.clusters) > before
}

// addCluster leaves out names that tell that their cluster is to be missing.
func (p *controlPlane) addCluster(name string) {
	if name == "" || name == "missing" || p.clusters[name] != nil {
		return
	}
	address := &core.Address{Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{
		Address: "127.0.0.1", PortSpecifier: &core.SocketAddress_PortValue{PortValue: uint32(p.echoPort)}}}}
	p.clusters[name] = &cluster.Cluster{
		Name:                 name,
		ClusterDiscoveryType: &cluster.Cluster_Type{Type: cluster.Cluster_STATIC},
		ConnectTimeout:       durationpb.New(time.Second),
		LoadAssignment: &endpoint.ClusterLoadAssignment{ClusterName: name,
			Endpoints: []*endpoint.LocalityLbEndpoints{{LbEndpoints: []*endpoint.LbEndpoint{{
				HostIdentifier: &endpoint.LbEndpoint_Endpoint{
					Endpoint: &endpoint.Endpoint{Address: address}}}}}}},
	}
}

// reveal makes Envoy tell in its answer what it chose.
func reveal(name, format string) *core.HeaderValueOption {
	return &core.HeaderValueOption{
		Header:       &core.HeaderValue{Key: name, Value: format},
		AppendAction: core.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
}
